using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.TwilioSimulator;

public sealed class FaultTests : IAsyncLifetime
{
    private RunningSimulator _simulator = null!;

    public async ValueTask InitializeAsync() => _simulator = await RunningSimulator.StartAsync();

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Theory]
    [InlineData("beforeTakenRate", 0)]
    [InlineData("afterTakenRate", 1)]
    public async Task A_dropped_connection_is_an_error_to_the_client_whether_or_not_the_message_was_taken(string knob, int taken)
    {
        await _simulator.SetAsync($$"""{"drop": {"{{knob}}": 1} }""");

        await Assert.ThrowsAsync<HttpRequestException>(() => _simulator.PostAsync(("To", "+14155550101"), ("From", "12345"), ("Body", "Hi")));
        Assert.Equal(taken, (await _simulator.CountsAsync()).GetProperty("taken").GetInt64());
    }

    [Fact]
    public async Task An_answer_that_is_held_leaves_the_client_in_doubt_and_the_message_taken()
    {
        await _simulator.SetAsync("""{"hold":{"afterTakenRate":1,"forMs":3600000}}""");
        using var impatient = new CancellationTokenSource();
        var post = _simulator.Api.PostAsync(
            RunningSimulator.Messages, RunningSimulator.Form(("To", "+14155550101"), ("From", "12345"), ("Body", "Hi")), impatient.Token);
        await Eventually.EqualAsync(1, async () => (await _simulator.CountsAsync()).GetProperty("taken").GetInt64());
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => post);
    }

    [Fact]
    public async Task An_error_is_answered_at_its_rate_and_nothing_is_taken()
    {
        await _simulator.SetAsync("""{"errors":[{"code":20503,"rate":1}]}""");
        using var response = await _simulator.PostAsync(("To", "+14155550101"), ("From", "12345"), ("Body", "Hi"));
        var error = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal(20503, error.GetProperty("code").GetInt32());
        Assert.Equal(0, (await _simulator.CountsAsync()).GetProperty("taken").GetInt64());
    }

    [Fact]
    public async Task One_request_more_than_the_account_may_have_in_flight_is_answered_429()
    {
        await _simulator.SetAsync("""{"limits":{"concurrentRequests":1,"retryAfterSeconds":2},"hold":{"beforeTakenRate":1,"forMs":3600000}}""");
        using var impatient = new CancellationTokenSource();
        var held = _simulator.Api.PostAsync(
            RunningSimulator.Messages, RunningSimulator.Form(("To", "+14155550101"), ("From", "12345"), ("Body", "Hi")), impatient.Token);
        await Eventually.EqualAsync(
            1, async () => (await _simulator.CountsAsync()).GetProperty("requests").GetProperty("heldBeforeTaken").GetInt64());

        using var response = await _simulator.PostAsync(("To", "+14155550101"), ("From", "12345"), ("Body", "Hi"));
        Assert.Equal(429, (int)response.StatusCode);
        Assert.Equal(20429, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetInt32());
        Assert.Equal("2", response.Headers.RetryAfter!.ToString());
        Assert.Equal("2", response.Headers.GetValues("Twilio-Concurrent-Requests").Single());
        Assert.StartsWith("RQ", response.Headers.GetValues("Twilio-Request-Id").Single(), StringComparison.Ordinal);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
    }

    [Fact]
    public async Task A_list_that_lags_does_not_have_a_message_that_a_fetch_finds()
    {
        await _simulator.SetAsync("""{"list":{"lagMs":3600000}}""");
        var sid = (await _simulator.CreateAsync()).GetProperty("sid").GetString()!;

        var list = await _simulator.Api.GetFromJsonAsync<JsonElement>(RunningSimulator.Messages);
        Assert.Equal(0, list.GetProperty("messages").GetArrayLength());
        Assert.Equal(sid, (await _simulator.FetchAsync(sid)).GetProperty("sid").GetString());
        await _simulator.SetAsync("""{"list":{"lagMs":0}}""");
        list = await _simulator.Api.GetFromJsonAsync<JsonElement>(RunningSimulator.Messages);
        Assert.Equal(1, list.GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task A_senders_full_queue_refuses_with_21611_and_a_services_fails_with_30001()
    {
        // The first one stays in the queue however slow the machine is.
        await _simulator.SetAsync("""{"limits":{"queueSeconds":1500},"rates":{"longCode":0.001}}""");
        await _simulator.CreateAsync(from: "+14155550100");
        using var response = await _simulator.PostAsync(("To", "+14155550101"), ("From", "+14155550100"), ("Body", "Hi"));
        Assert.Equal(21611, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetInt32());

        await _simulator.SetAsync("""{"limits":{"queueSeconds":1}}""");
        var accepted = await _simulator.CreateAsync(from: "", more: ("MessagingServiceSid", "MG0123456789abcdef0123456789abcdef"));
        await Eventually.EqualAsync(
            30001,
            async () => (await _simulator.FetchAsync(accepted.GetProperty("sid").GetString()!)).GetProperty("error_code") is { ValueKind: JsonValueKind.Number } code
                ? code.GetInt32()
                : 0);
    }

    [Fact]
    public async Task One_accounts_knobs_leave_anothers_alone()
    {
        const string other = "AC00000000000000000000000000000002";
        using var added = await _simulator.Control.PutAsync($"/_control/accounts/{other}", Json("""{"authToken":"second"}"""));
        Assert.Equal(200, (int)added.StatusCode);
        using var broken = await _simulator.Control.PutAsync($"/_control/accounts/{other}/knobs", Json("""{"errors":[{"code":20500,"rate":1}]}"""));
        Assert.Equal(200, (int)broken.StatusCode);

        using var client = _simulator.Client(other, "second");
        using var refused = await client.PostAsync(
            $"/2010-04-01/Accounts/{other}/Messages.json", RunningSimulator.Form(("To", "+14155550101"), ("From", "12345"), ("Body", "Hi")));
        Assert.Equal(500, (int)refused.StatusCode);
        await _simulator.CreateAsync();
    }

    [Fact]
    public async Task Wrong_knobs_are_answered_with_field_value_and_remedy_and_change_nothing()
    {
        using var response = await _simulator.Control.PutAsync("/_control/knobs", Json("""{"list":{"lagMs":5},"drop":{"afterTakenRate":7}}"""));

        Assert.Equal(400, (int)response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors")[0];
        Assert.Equal("drop.afterTakenRate", error.GetProperty("field").GetString());
        Assert.Equal("7", error.GetProperty("value").GetString());
        Assert.Equal("give a number from 0 to 1", error.GetProperty("remedy").GetString());
        var knobs = await _simulator.Control.GetFromJsonAsync<JsonElement>("/_control/knobs");
        Assert.Equal(0, knobs.GetProperty("list").GetProperty("lagMs").GetDouble());
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
