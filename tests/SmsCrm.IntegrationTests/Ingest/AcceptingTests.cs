using System.Net;
using System.Text;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SmsCrm.Contracts;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Messages;
using Purpose = SmsCrm.Contracts.V1.Purpose;

namespace SmsCrm.IntegrationTests.Ingest;

/// <summary>What both APIs accept reaches Kafka, whole and in its topic.</summary>
public sealed class AcceptingTests(IngestServer server) : IClassFixture<IngestServer>
{
    [Fact]
    public async Task A_message_over_gRPC_is_appended_with_everything_it_said()
    {
        server.Log.Appended.Clear();
        var sendAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow().AddDays(1));
        var retryOf = new MessageId(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
        var request = new SendRequest
        {
            To = "(415) 555-2671",
            Body = "Grüße €",
            Purpose = Purpose.Marketing,
            CampaignId = "spring",
            CampaignName = "Spring sale",
            Sender = "ACME",
            SendAt = sendAt,
            ClientReference = "order 7",
            Metadata = { ["b"] = "2", ["a"] = "1" },
            RetryOf = retryOf.ToString(),
        };

        var response = await server.Grpc.SendAsync(request, server.Credentials());

        Assert.True(MessageId.TryParse(response.MessageId, out var id));
        Assert.Equal(("order 7", false, 1), (response.ClientReference, response.Repeated, response.Segments));
        var appended = Assert.Single(server.Log.Appended);
        Assert.Equal(Topics.MarketingRequests, appended.Topic);
        Assert.Equal([.. server.Tenant.ToBytes(), .. "14155552671"u8], appended.Key!);
        Assert.Equal(["tenant", "message", "recipient", "campaign"], appended.Headers!.Select(static h => h.Name));
        var record = RequestRecord.Parser.ParseFrom(appended.Value);
        Assert.Equal(id.ToBytes(), record.MessageId.ToByteArray());
        Assert.Equal((14155552671UL, "US", "ACME", "spring"), (record.Recipient, record.Country, record.Sender, record.CampaignId));
        Assert.Equal((sendAt, 2), (record.SendAt, record.Metadata.Count));
        Assert.Equal(retryOf.ToBytes(), record.RetryOf.ToByteArray());
    }

    [Fact]
    public async Task A_message_over_REST_is_accepted_with_its_address()
    {
        server.Log.Appended.Clear();
        using var content = new StringContent(
            """
            {"to": "+14155550123", "body": "Your code is 123456", "purpose": "transactional", "client_reference": "r1", "pool": "codes",
             "send_at": "2026-01-01T09:00:00+02:00", "metadata": {"order": "7"}, "campaign_id": null}
            """,
            Encoding.UTF8,
            "application/json");

        using var answer = await server.Http.PostAsync("/v1/messages", content);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        var id = json.GetProperty("message_id").GetString();
        Assert.Equal($"/v1/messages/{id}", answer.Headers.Location?.OriginalString);
        Assert.Equal(("r1", false, 1), (json.GetProperty("client_reference").GetString(), json.GetProperty("repeated").GetBoolean(), json.GetProperty("segments").GetInt32()));
        var record = Assert.Single(server.Log.Records);
        Assert.Equal(("codes", 1767250800L), (record.Pool, record.SendAt.Seconds));
        Assert.Equal(Topics.TransactionalRequests, Assert.Single(server.Log.Appended).Topic);
    }

    [Fact]
    public async Task A_batch_is_answered_in_its_order()
    {
        server.Log.Appended.Clear();
        var batch = new SendBatchRequest { Messages = { Enumerable.Range(0, 1000).Select(Numbered) } };

        var response = await server.Grpc.SendBatchAsync(batch, server.Credentials());

        Assert.Equal(Enumerable.Range(0, 1000).Select(static i => $"{i}"), response.Results.Select(static r => r.ClientReference));
        Assert.Equal(1000, response.Results.Select(static r => r.Accepted.MessageId).Distinct().Count());
        Assert.Equal(1000, server.Log.Appended.Count);
    }

    [Fact]
    public async Task Every_request_of_a_stream_gets_its_answer()
    {
        const int Count = 20_000;
        server.Log.Appended.Clear();
        using var call = server.Grpc.SendStream(server.Credentials());
        var reading = call.ResponseStream.ReadAllAsync().ToListAsync().AsTask();
        for (var i = 0; i < Count; i++)
        {
            await call.RequestStream.WriteAsync(Numbered(i));
        }

        await call.RequestStream.CompleteAsync();
        var answers = await reading;

        Assert.Equal(Count, answers.Count(static a => a.OutcomeCase == SendResult.OutcomeOneofCase.Accepted));
        Assert.Equal(Enumerable.Range(0, Count).Select(static i => (long)i), answers.Select(static a => a.Index).Order());
        Assert.All(answers, static a => Assert.Equal($"{a.Index}", a.ClientReference));
        Assert.Equal(
            answers.Select(static a => a.Accepted.MessageId).Order(StringComparer.Ordinal),
            server.Log.Records.Select(static r => new Guid(r.MessageId.Span, bigEndian: true).ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_revoked_key_ends_a_stream()
    {
        var key = await server.NewKeyAsync(server.Tenant);
        using var call = server.Grpc.SendStream(server.Credentials(key));
        await call.RequestStream.WriteAsync(Numbered(1));
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));

        await server.Keys.RevokeAsync(key[..15], CancellationToken.None);

        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            for (var deadline = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(30);)
            {
                await call.RequestStream.WriteAsync(Numbered(2));
                Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            }
        });
        Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);
    }

    [Fact]
    public async Task A_message_is_cancelled_by_its_id_before_the_ledger_has_it()
    {
        var sent = await server.Grpc.SendAsync(Numbered(1), server.Credentials());

        var cancelled = await server.Grpc.CancelAsync(new CancelRequest { MessageId = sent.MessageId }, server.Credentials());
        var again = await server.Grpc.CancelAsync(new CancelRequest { MessageId = sent.MessageId }, server.Credentials());

        Assert.Equal((1, 0, 0), (cancelled.Cancelled, cancelled.TooLate, cancelled.NotFound));
        Assert.Equal(1, again.Cancelled);
    }

    private static SendRequest Numbered(int i) =>
        new() { To = $"+1415{2_340_000 + i}", Body = "Hello", Purpose = Purpose.Transactional, ClientReference = $"{i}" };
}
