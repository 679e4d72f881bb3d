using System.Net;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.IntegrationTests.Receipts;

/// <summary>
/// What the provider calls with while what keeps it is away: 503, so that it calls again, and then it is kept. An answer of success means that it is.
/// </summary>
public sealed class CallsWhileAwayTests(TwilioServer server) : IClassFixture<TwilioServer>
{
    private const short Produce = 0;
    private const int MessageTooLarge = 10;

    [Fact]
    public async Task A_callback_while_Kafka_is_away_is_503_and_is_kept_when_it_is_called_again()
    {
        var (message, sid) = await server.TakenAsync();
        var form = TwilioServer.StatusForm(sid, "delivered");
        server.Broker.SetDown(down: true);
        try
        {
            await AssertCalledAgainAsync(TwilioServer.StatusPath(server.Tenant, message), form);
        }
        finally
        {
            server.Broker.SetDown(down: false);
        }

        await TestKit.Eventually.EqualAsync(HttpStatusCode.NoContent, () => server.CallBackAsync(message, form));
        await server.StateIsAsync(message, MessageState.Delivered);
    }

    [Fact]
    public async Task A_callback_that_Kafka_refuses_is_503_and_not_there_until_it_is_called_again()
    {
        var (message, sid) = await server.TakenAsync();
        var form = TwilioServer.StatusForm(sid, "delivered");
        await server.ConsumedAsync();
        var before = await server.StateAsync();
        server.Broker.FailNext(Produce, MessageTooLarge);

        await AssertCalledAgainAsync(TwilioServer.StatusPath(server.Tenant, message), form);

        Assert.Equal(before, await server.StateAsync());
        Assert.Equal(HttpStatusCode.NoContent, await server.CallBackAsync(message, form));
        await server.StateIsAsync(message, MessageState.Delivered);
    }

    [Fact]
    public async Task A_STOP_while_Postgres_is_away_is_503_and_suppresses_when_it_is_called_again()
    {
        var number = new PhoneNumber(14155554001);
        var stop = TextForm(number, "STOP");

        await server.WithoutPostgresAsync(() => AssertCalledAgainAsync("/twilio/inbound", stop));
        Assert.Equal(0L, await server.Bench.ScalarAsync<long>($"SELECT count(*) FROM inbound_texts WHERE number = {number.Digits}"));
        await TestKit.Eventually.EqualAsync(HttpStatusCode.OK, async () => (await PostAsync("/twilio/inbound", stop)).Status);

        Assert.True(await server.IsSuppressedAsync(number));
    }

    /// <summary>The account's API is an address where nobody listens.</summary>
    [Fact]
    public async Task A_START_of_which_the_provider_does_not_say_when_it_was_written_is_503_and_lifts_nothing()
    {
        var number = new PhoneNumber(14155554002);
        await server.WriteAsync(number.ToString(), "STOP");

        await AssertCalledAgainAsync("/twilio/inbound", TextForm(number, "START"));

        Assert.True(await server.IsSuppressedAsync(number));
        Assert.Equal("STOP", await server.Bench.ScalarAsync<string>($"SELECT string_agg(body, ',') FROM inbound_texts WHERE number = {number.Digits}"));
    }

    private async Task AssertCalledAgainAsync(string path, Dictionary<string, string> form)
    {
        var (status, body) = await PostAsync(path, form);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("call again", body, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, string Body)> PostAsync(string path, Dictionary<string, string> form)
    {
        using var content = new FormUrlEncodedContent(form);
        return await server.PostAsync(path, content, TwilioServer.Sign(path, form));
    }

    private static Dictionary<string, string> TextForm(PhoneNumber from, string body) => new()
    {
        ["AccountSid"] = TwilioServer.AccountSid,
        ["Body"] = body,
        ["From"] = from.ToString(),
        ["MessageSid"] = TwilioServer.NewSid(),
        ["To"] = TwilioServer.Sender,
    };
}
