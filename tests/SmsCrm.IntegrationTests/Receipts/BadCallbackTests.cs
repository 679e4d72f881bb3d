using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using SmsCrm.Contracts;
using SmsCrm.Contracts.V1;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Streams;
using SmsCrm.Streams.Producing;
using SmsCrm.Streams.Reading;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Receipts;

/// <summary>Whatever is posted to the provider's addresses: no 5xx, and nothing changes but by what the provider signed, once.</summary>
public sealed class BadCallbackTests(TwilioServer server) : IClassFixture<TwilioServer>
{
    private const int Calls = 600;

    [Fact]
    public async Task Fuzzed_calls_that_nobody_signed_are_forbidden_and_change_nothing()
    {
        var seed = TestRun.Seed();
        var random = new Random(seed);
        var (message, sid) = await server.TakenAsync();
        await server.ConsumedAsync();
        var before = await server.StateAsync();

        for (var i = 0; i < Calls; i++)
        {
            var call = new FuzzedCall(random, server.Tenant, message, sid);
            using var content = call.Content;
            var (status, body) = await server.PostAsync(call.Path, content, call.Signatures);
            // What is not even HTTP, such as a header of other letters, the server answers itself: 400 and nothing more. Only who signed something
            // is told that its content is of no type that is read.
            var is415 = status is HttpStatusCode.UnsupportedMediaType && call is { IsSigned: true, HasReadableType: false };
            Assert.True(
                status is HttpStatusCode.Forbidden || is415 || (status, body.Length) is (HttpStatusCode.BadRequest, 0),
                $"call {i} of seed {seed}: {call.Path} was answered {(int)status} {body}");
        }

        Assert.Equal(before, await server.StateAsync());
    }

    [Fact]
    public async Task A_call_without_a_signature_is_forbidden_whatever_else_is_wrong_with_it()
    {
        using var content = new FormUrlEncodedContent([]);

        var (status, _) = await server.PostAsync("/twilio/status?nonsense", content);

        Assert.Equal(HttpStatusCode.Forbidden, status);
    }

    [Theory]
    [InlineData("/twilio/status", "text/plain")]
    [InlineData("/twilio/inbound", "text/plain")]
    [InlineData("/twilio/inbound", "multipart/form-data; boundary=x")]
    public async Task Without_a_signature_a_body_of_any_type_is_forbidden_and_with_one_415(string path, string type)
    {
        using var unsigned = new ByteArrayContent([]) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        using var signed = new ByteArrayContent([]) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

        Assert.Equal(HttpStatusCode.Forbidden, (await server.PostAsync(path, unsigned)).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await server.PostAsync(path, signed, TwilioServer.Sign(path, new Dictionary<string, string>()))).Status);
    }

    [Fact]
    public async Task A_call_that_is_signed_is_told_what_is_wrong_with_its_address()
    {
        const string Path = "/twilio/status?tenant=nobody&message=none&attempt=1";
        var form = TwilioServer.StatusForm(Ledger.LedgerBench.NewSid(), "delivered");
        using var signed = new FormUrlEncodedContent(form);
        using var forged = new FormUrlEncodedContent(form);

        var genuine = await server.PostAsync(Path, signed, TwilioServer.Sign(Path, form));
        var wrong = await server.PostAsync(Path, forged, TwilioServer.Sign(Path, form, "another account's token"));

        Assert.Equal(HttpStatusCode.BadRequest, genuine.Status);
        Assert.Contains("tenant: 'nobody' is not a UUID", genuine.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, wrong.Status);
    }

    /// <summary>The provider itself, or whoever has the token: what can't be meant is refused, and what is kept stops nothing behind it.</summary>
    [Fact]
    public async Task Fuzzed_calls_that_are_signed_get_no_5xx_and_stop_nothing()
    {
        var seed = TestRun.Seed();
        var random = new Random(seed);
        string[] nasty = ["", "\0", "a\0b", new string('x', 900), "💣", "\uFFFD", "-1", "99999999999999999999", "+14155550155", "delivered", "' OR 1=1 --", "<a>&"];
        for (var i = 0; i < 200; i++)
        {
            var (message, sid) = await server.TakenAsync();
            var inbound = random.Next(2) == 0;
            var path = inbound ? "/twilio/inbound" : TwilioServer.StatusPath(server.Tenant, message);
            var form = TwilioServer.StatusForm(sid, random.Next(2) == 0 ? "failed" : "delivered");
            form["Body"] = "Hello";
            foreach (var key in form.Keys.Append("ErrorCode").Append("RawDlrDoneDate").ToList())
            {
                // Without the account's sid it is a stranger's.
                if (key != "AccountSid" && random.Next(3) == 0)
                {
                    form[key] = nasty[random.Next(nasty.Length)];
                }
            }

            using var content = new FormUrlEncodedContent(form);
            var (status, body) = await server.PostAsync(path, content, TwilioServer.Sign(path, form));
            Assert.True((int)status < 500, $"call {i} of seed {seed}: {path} was answered {(int)status} {body}");
            Assert.NotEqual(HttpStatusCode.Forbidden, status);
        }

        var (last, lastSid) = await server.TakenAsync();
        Assert.Equal(HttpStatusCode.NoContent, await server.CallBackAsync(last, TwilioServer.StatusForm(lastSid, "delivered")));
        await server.StateIsAsync(last, MessageState.Delivered);
        await server.ConsumedAsync();
        await server.Bench.AssertBalancedAsync();
    }

    [Theory]
    [InlineData("/twilio/status", 17 * 1024)]
    [InlineData("/twilio/status", 20 * 1024 * 1024)]
    [InlineData("/twilio/inbound", 65 * 1024)]
    [InlineData("/twilio/inbound", 20 * 1024 * 1024)]
    public async Task A_huge_body_is_413_and_changes_nothing(string path, int length)
    {
        var (message, _) = await server.TakenAsync();
        await server.ConsumedAsync();
        var before = await server.StateAsync();
        path = path == "/twilio/status" ? TwilioServer.StatusPath(server.Tenant, message) : path;

        // Of unknown length: what is declared is refused before it is read.
        using var content = new StreamContent(new MemoryStream(Encoding.ASCII.GetBytes("Body=" + new string('a', length))));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Http.BaseAddress!, path)) { Content = content };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.Add("X-Twilio-Signature", Convert.ToBase64String(new byte[20]));
        HttpStatusCode? answered = null;
        try
        {
            using var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            answered = answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            // The server answers before it has read all of it, and closes: the client may not come to read the answer.
        }

        Assert.Contains(answered, (HttpStatusCode?[])[null, HttpStatusCode.RequestEntityTooLarge]);
        Assert.Equal(before, await server.StateAsync());
    }

    [Fact]
    public async Task A_replayed_callback_and_a_replayed_STOP_change_nothing_more()
    {
        var (message, sid) = await server.TakenAsync();
        var form = TwilioServer.StatusForm(sid, "delivered");
        Assert.Equal(HttpStatusCode.NoContent, await server.CallBackAsync(message, form));
        var stop = TwilioServer.NewSid();
        await server.WriteAsync("+14155550177", "STOP", stop);
        await server.ConsumedAsync();
        var before = await RowsAsync();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => server.CallBackAsync(message, form)));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.WriteAsync("+14155550177", "STOP", stop)));
        await server.ConsumedAsync();

        Assert.Equal(before, await RowsAsync());
        async Task<string> RowsAsync() => string.Join('\n', (await server.StateAsync()).Split('\n')[1..]);
    }

    [Fact]
    public async Task A_call_that_is_signed_for_one_message_says_nothing_of_another()
    {
        var (one, sid) = await server.TakenAsync();
        var (other, _) = await server.TakenAsync();
        await server.ConsumedAsync();
        var before = await server.StateAsync();
        var form = TwilioServer.StatusForm(sid, "delivered");
        using var content = new FormUrlEncodedContent(form);

        var (status, _) = await server.PostAsync(
            TwilioServer.StatusPath(server.Tenant, other), content, TwilioServer.Sign(TwilioServer.StatusPath(server.Tenant, one), form));

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal(before, await server.StateAsync());
    }

    [Fact]
    public async Task A_JSON_callback_is_taken_by_its_hash()
    {
        var (message, sid) = await server.TakenAsync();
        var json = $$"""{"AccountSid":"{{TwilioServer.AccountSid}}","MessageSid":"{{sid}}","MessageStatus":"delivered","ErrorCode":null}""";
        var path = $"{TwilioServer.StatusPath(server.Tenant, message)}&bodySHA256={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)))}";

        using var forged = new StringContent(json.Replace("delivered", "failed", StringComparison.Ordinal), Encoding.UTF8, "application/json");
        var (refused, _) = await server.PostAsync(path, forged, TwilioServer.Sign(path, new Dictionary<string, string>()));
        using var genuine = new StringContent(json, Encoding.UTF8, "application/json");
        var (taken, _) = await server.PostAsync(path, genuine, TwilioServer.Sign(path, new Dictionary<string, string>()));

        Assert.Equal(HttpStatusCode.Forbidden, refused);
        Assert.Equal(HttpStatusCode.NoContent, taken);
        await server.StateIsAsync(message, MessageState.Delivered);
    }

    [Fact]
    public async Task After_a_rotation_both_tokens_are_good_for_callbacks_unless_the_old_one_was_stolen()
    {
        var accounts = server.Get<AccountStore>();
        var settings = new AccountSettings("Main", TwilioServer.AccountSid) { BaseAddress = "http://127.0.0.1:1" };
        try
        {
            await ChangeAsync(settings with { AuthToken = "the new one" });
            Assert.Equal(HttpStatusCode.NoContent, await DeliverAsync(TwilioServer.Token));
            Assert.Equal(HttpStatusCode.NoContent, await DeliverAsync("the new one"));
            Assert.Equal("the new one", server.Get<ProviderDirectory>().Current.Account(server.Account)!.Account.AuthToken);

            await ChangeAsync(settings with { AuthToken = "the third", PreviousTokenHours = 0 });
            Assert.Equal(HttpStatusCode.Forbidden, await DeliverAsync(TwilioServer.Token));
            Assert.Equal(HttpStatusCode.Forbidden, await DeliverAsync("the new one"));
            Assert.Equal(HttpStatusCode.NoContent, await DeliverAsync("the third"));
            Assert.DoesNotContain("sealed", await server.Bench.ScalarAsync<string>("SELECT string_agg(after::text, '') FROM changes"), StringComparison.Ordinal);
        }
        finally
        {
            await ChangeAsync(settings with { AuthToken = TwilioServer.Token });
        }

        async Task ChangeAsync(AccountSettings changed)
        {
            Assert.IsType<SettingsOutcome<Account>.Done>(await accounts.UpdateAsync(server.Tenant, server.Account, 0, changed, "test", default));
            await server.Get<ProviderDirectory>().RefreshAsync(default);
        }

        async Task<HttpStatusCode> DeliverAsync(string token)
        {
            var (message, sid) = await server.TakenAsync();
            return await server.CallBackAsync(message, TwilioServer.StatusForm(sid, "delivered"), token);
        }
    }

    [Fact]
    public async Task Records_that_can_not_be_read_go_to_the_dead_letters_with_their_reason_and_stop_nothing()
    {
        var (message, sid) = await server.TakenAsync();
        var key = message.ToBytes();
        byte[][] poison = [[], [0xff, 0xff, 0xff], Encoding.UTF8.GetBytes("not a record"), new byte[2_000], RecordOf(OutsideThePartitions, sid, "delivered"), RecordOf(message, sid, "")];
        foreach (var value in poison)
        {
            await server.Get<RecordProducer>().ProduceAsync(new OutgoingRecord(Topics.Events, key, value, [new RecordHeader("who", [1])]), default);
        }

        Assert.Equal(HttpStatusCode.NoContent, await server.CallBackAsync(message, TwilioServer.StatusForm(sid, "delivered")));

        await server.StateIsAsync(message, MessageState.Delivered);
        await Eventually.EqualAsync(poison.Length, async () => (await LettersAsync(key)).Count);
        Assert.All(await LettersAsync(key), letter =>
        {
            Assert.Equal(Topics.Events, letter.Topic);
            Assert.NotEmpty(letter.Reason);
            Assert.Contains(letter.Value.ToByteArray(), poison);
        });
    }

    /// <summary>An id of 2001: readable, but the ledger has no place for it.</summary>
    private static MessageId OutsideThePartitions => new(Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddYears(31)));

    private byte[] RecordOf(MessageId message, ProviderSid sid, string status) => new EventRecord
    {
        Status = new StatusCallback
        {
            TenantId = ByteString.CopyFrom(server.Tenant.ToBytes()),
            MessageId = ByteString.CopyFrom(message.ToBytes()),
            Attempt = 1,
            MessageSid = sid.ToString(),
            Status = status,
            Recipient = 14155550123,
        },
    }.ToByteArray();

    private async Task<List<DeadLetterRecord>> LettersAsync(byte[] key)
    {
        var letters = new List<DeadLetterRecord>();
        await server.Get<TopicReader>().ReadAsync(
            [Topics.DeadLetter],
            (records, _) =>
            {
                letters.AddRange(records.Select(record => DeadLetterRecord.Parser.ParseFrom(record.Value.Span)));
                return Task.CompletedTask;
            },
            default);
        return [.. letters.Where(letter => letter.Key.Span.SequenceEqual(key))];
    }
}
