using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using SmsCrm.Contracts.V1;

namespace SmsCrm.IntegrationTests.Ingest;

/// <summary>Whatever is wrong, gRPC says what, and nothing is written.</summary>
public sealed class BadInputOverGrpcTests(IngestServer server) : IClassFixture<IngestServer>
{
    /// <summary>What is done to a good request, the status, the fields that the violations name.</summary>
    public static TheoryData<Action<SendRequest>, StatusCode, string[]> Requests => new()
    {
        { static r => r.To = "12", StatusCode.InvalidArgument, ["to"] },
        { static r => r.To = "", StatusCode.InvalidArgument, ["to"] },
        { static r => r.Body = "", StatusCode.InvalidArgument, ["body"] },
        { static r => r.Body = new string('x', 1601), StatusCode.InvalidArgument, ["body"] },
        { static r => r.Body = new string('x', 500_000), StatusCode.InvalidArgument, ["body"] },
        { static r => r.Purpose = Purpose.Unspecified, StatusCode.InvalidArgument, ["purpose"] },
        { static r => r.Purpose = (Purpose)99, StatusCode.InvalidArgument, ["purpose"] },
        { static r => (r.To, r.Body, r.RetryOf) = ("x", "", "y"), StatusCode.InvalidArgument, ["to", "body", "retry_of"] },
        { static r => r.TemplateId = "t", StatusCode.Unimplemented, ["template_id"] },
        { static r => r.Links.Add(new Link()), StatusCode.InvalidArgument, ["links[0].placeholder", "links[0].url"] },
        { static r => (r.TemplateId, r.To) = ("t", "x"), StatusCode.InvalidArgument, ["template_id", "to"] },
        { static r => r.MergeFrom(new byte[] { 0xb2, 0x06, 0x01, 0x78 }), StatusCode.Unimplemented, ["field 102"] },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_bad_request_is_refused_with_a_violation_for_each_field(Action<SendRequest> spoil, StatusCode status, string[] fields)
    {
        var request = Good();
        spoil(request);

        var error = await Assert.ThrowsAsync<RpcException>(() => server.Grpc.SendAsync(request, server.Credentials()).ResponseAsync);

        Assert.Equal(status, error.StatusCode);
        var bad = error.GetRpcStatus()?.GetDetail<BadRequest>();
        Assert.Equal(fields, bad?.FieldViolations.Select(static v => v.Field));
        Assert.All(bad!.FieldViolations, static v => Assert.NotEmpty(v.Description));
        await AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("none", StatusCode.Unauthenticated, "There is no API key")]
    [InlineData("malformed", StatusCode.Unauthenticated, "not an API key")]
    [InlineData("unknown", StatusCode.Unauthenticated, "unknown or revoked")]
    [InlineData("revoked", StatusCode.Unauthenticated, "unknown or revoked")]
    [InlineData("operator", StatusCode.PermissionDenied, "operator's key")]
    public async Task A_bad_key_is_refused_by_every_call(string which, StatusCode status, string says)
    {
        var credentials = which switch
        {
            "none" => [],
            "malformed" => server.Credentials("hello"),
            "unknown" => server.Credentials("smscrm_00000000_0000000000000000000000000000000000000000000"),
            "revoked" => server.Credentials(server.RevokedKey),
            _ => server.Credentials(server.OperatorKey),
        };

        var send = await Assert.ThrowsAsync<RpcException>(() => server.Grpc.SendAsync(Good(), credentials).ResponseAsync);
        var cancel = await Assert.ThrowsAsync<RpcException>(() => server.Grpc.CancelAsync(new CancelRequest(), credentials).ResponseAsync);
        using var stream = server.Grpc.SendStream(credentials);
        var streamed = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(CancellationToken.None));

        Assert.All([send, cancel, streamed], error =>
        {
            Assert.Equal(status, error.StatusCode);
            Assert.Contains(says, error.Status.Detail, StringComparison.Ordinal);
        });
        await AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task A_batch_has_one_to_a_thousand_messages(int count)
    {
        var batch = new SendBatchRequest { Messages = { Enumerable.Repeat(Good(), count) } };

        var error = await Assert.ThrowsAsync<RpcException>(() => server.Grpc.SendBatchAsync(batch, server.Credentials()).ResponseAsync);

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Equal("messages", error.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations[0].Field);
        await AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task A_batch_just_below_8_MB_is_read()
    {
        // Eight bodies of a megabyte less what frames them: each is refused for its own length.
        var batch = new SendBatchRequest { Messages = { Enumerable.Range(0, 8).Select(static _ => new SendRequest { Body = new string('x', 1_048_500) }) } };

        var response = await server.Grpc.SendBatchAsync(batch, server.Credentials());

        Assert.All(response.Results, static r => Assert.Contains(r.Error.Violations, static v => v.Field == "body"));
        await AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task A_message_beyond_8_MB_is_refused()
    {
        var batch = new SendBatchRequest { Messages = { Enumerable.Range(0, 10).Select(static _ => new SendRequest { Body = new string('x', 1_000_000) }) } };

        var error = await Assert.ThrowsAsync<RpcException>(() => server.Grpc.SendBatchAsync(batch, server.Credentials()).ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        await AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("Send", new byte[] { 0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f })]
    [InlineData("Send", new byte[] { 0x0a, 0x02, 0xc3, 0x28 })]
    [InlineData("Send", new byte[] { 0x07 })]
    [InlineData("SendBatch", new byte[] { 0x0a, 0x05, 0x0a })]
    [InlineData("Cancel", new byte[] { 0xff })]
    public async Task Bytes_that_are_no_protobuf_are_refused_as_such(string name, byte[] bytes)
    {
        var raw = Marshallers.Create(static (byte[] b) => b, static b => b);
        var method = new Method<byte[], byte[]>(MethodType.Unary, "smscrm.v1.MessageIngest", name, raw, raw);

        var error = await Assert.ThrowsAsync<RpcException>(
            () => server.Invoker.AsyncUnaryCall(method, null, new CallOptions(server.Credentials()), bytes).ResponseAsync);

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains("not a readable", error.Status.Detail, StringComparison.Ordinal);
        await AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("campaign", StatusCode.InvalidArgument, "campaign_id")]
    [InlineData("recipient", StatusCode.InvalidArgument, "recipient")]
    [InlineData("nothing", StatusCode.InvalidArgument, "message_id")]
    [InlineData("rubbish", StatusCode.InvalidArgument, "message_id")]
    public async Task A_bad_cancellation_is_refused(string which, StatusCode status, string field)
    {
        var request = which switch
        {
            "campaign" => new CancelRequest { CampaignId = new string('x', 65) },
            "recipient" => new CancelRequest { Recipient = "4155550123" },
            "rubbish" => new CancelRequest { MessageId = "rubbish" },
            _ => new CancelRequest(),
        };

        var error = await Assert.ThrowsAsync<RpcException>(() => server.Grpc.CancelAsync(request, server.Credentials()).ResponseAsync);

        Assert.Equal(status, error.StatusCode);
        Assert.Equal(field, error.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations[0].Field);
    }

    [Fact]
    public async Task Bad_requests_of_a_stream_get_an_answer_each_and_do_not_stop_it()
    {
        using var call = server.Grpc.SendStream(server.Credentials());
        await call.RequestStream.WriteAsync(new SendRequest { ClientReference = "bad", To = "12", Body = "x", Purpose = Purpose.Marketing });
        await call.RequestStream.WriteAsync(Good());
        await call.RequestStream.CompleteAsync();

        var answers = await call.ResponseStream.ReadAllAsync().ToListAsync();

        var bad = Assert.Single(answers, static a => a.OutcomeCase == SendResult.OutcomeOneofCase.Error);
        Assert.Equal(("bad", 0, (int)StatusCode.InvalidArgument), (bad.ClientReference, bad.Index, bad.Error.Code));
        Assert.Equal("to", Assert.Single(bad.Error.Violations).Field);
        Assert.Single(answers, static a => a is { Index: 1, OutcomeCase: SendResult.OutcomeOneofCase.Accepted });
        server.Log.Appended.Clear();
    }

    private static SendRequest Good() => new() { To = "+14155550123", Body = "Hello", Purpose = Purpose.Transactional };

    private async Task AssertNothingWrittenAsync()
    {
        Assert.Empty(server.Log.Appended);
        Assert.Equal(0, await server.RowsAsync());
    }
}
