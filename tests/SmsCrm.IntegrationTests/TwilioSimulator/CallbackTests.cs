using System.Text;
using SmsCrm.TestKit;
using SmsCrm.TwilioSimulator;
using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Knobs;

namespace SmsCrm.IntegrationTests.TwilioSimulator;

public sealed class CallbackTests : IAsyncLifetime
{
    private RunningSimulator _simulator = null!;
    private CallbackReceiver _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await CallbackReceiver.StartAsync();
        // One lane: with more, a callback may overtake another on a busy machine, as at Twilio.
        _simulator = await RunningSimulator.StartAsync(new TwilioSimulatorOptions { CallbackConcurrency = 1 });
    }

    public async ValueTask DisposeAsync()
    {
        await _simulator.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_message_is_called_back_as_sent_and_then_as_delivered_with_a_signature_of_the_url_without_its_fragment()
    {
        var message = await _simulator.CreateAsync(more: ("StatusCallback", _receiver.Url + "?tenant=t&message=m%201#rc=3&rp=5xx,ct,rt"));

        await Eventually.TrueAsync(() => _receiver.Received.Count == 2);
        Assert.Equal(["sent", "delivered"], _receiver.Statuses());
        foreach (var callback in _receiver.Received)
        {
            Assert.Equal(message.GetProperty("sid").GetString(), callback.Form["MessageSid"]);
            Assert.Equal(callback.Form["MessageStatus"], callback.Form["SmsStatus"]);
            Assert.Equal(SimulatedAccount.DemoSid, callback.Form["AccountSid"]);
            Assert.Equal(("12345", "+14155550101"), (callback.Form["From"], callback.Form["To"]));
            Assert.Equal(
                TwilioSignature.Compute(Encoding.UTF8.GetBytes(SimulatedAccount.DemoAuthToken), _receiver.Url + "?tenant=t&message=m%201", callback.Form),
                callback.Signature);
        }
        Assert.NotEqual(_receiver.Received[0].Headers["I-Twilio-Idempotency-Token"], _receiver.Received[1].Headers["I-Twilio-Idempotency-Token"]);
        Assert.Matches("^[0-9]{10}$", _receiver.Received[1].Form["RawDlrDoneDate"]);
    }

    [Fact]
    public async Task A_callback_that_fails_is_tried_again_as_its_url_asks_with_the_same_token()
    {
        _receiver.Answer = n => n < 2 ? 503 : 200;
        await _simulator.SetAsync("""{"delivery":{"silentShare":1}}""");
        await _simulator.CreateAsync(more: ("StatusCallback", _receiver.Url + "#rc=3&rp=5xx"));

        await Eventually.TrueAsync(() => _receiver.Received.Count == 3);
        Assert.Equal(["sent", "sent", "sent"], _receiver.Statuses());
        Assert.Single(_receiver.Received.Select(callback => callback.Headers["I-Twilio-Idempotency-Token"]).Distinct());
        await Eventually.EqualAsync(1, async () => (await _simulator.CountsAsync()).GetProperty("callbacks").GetProperty("answered").GetInt64());
    }

    [Fact]
    public async Task Without_being_asked_a_server_error_is_not_tried_again()
    {
        _receiver.Answer = _ => 503;
        await _simulator.CreateAsync(more: ("StatusCallback", _receiver.Url));

        await Eventually.EqualAsync(2, async () => (await _simulator.CountsAsync()).GetProperty("callbacks").GetProperty("givenUp").GetInt64());
        Assert.Equal(["sent", "delivered"], _receiver.Statuses());
    }

    [Fact]
    public async Task Out_of_order_the_last_status_overtakes_the_first()
    {
        await _simulator.SetAsync("""{"callbacks":{"outOfOrderRate":1}}""");
        await _simulator.CreateAsync(more: ("StatusCallback", _receiver.Url));

        await Eventually.TrueAsync(() => _receiver.Received.Count == 2);
        Assert.Equal(["delivered", "sent"], _receiver.Statuses());
    }

    [Fact]
    public async Task Lost_callbacks_are_counted_and_the_message_still_gets_its_status()
    {
        await _simulator.SetAsync("""{"callbacks":{"lostRate":1}}""");
        var message = await _simulator.CreateAsync(more: ("StatusCallback", _receiver.Url));

        await Eventually.EqualAsync("delivered", async () => (await _simulator.FetchAsync(message.GetProperty("sid").GetString()!)).GetProperty("status").GetString());
        // A status is there a moment before its callback is lost.
        await Eventually.EqualAsync(2, async () => (await _simulator.CountsAsync()).GetProperty("callbacks").GetProperty("lost").GetInt64());
        Assert.Empty(_receiver.Received);
    }

    [Fact]
    public async Task Undelivered_and_failed_messages_carry_their_error_code()
    {
        await _simulator.SetAsync("""{"delivery":{"undelivered":[{"code":30003,"share":1}]}}""");
        await _simulator.CreateAsync(more: ("StatusCallback", _receiver.Url));
        await Eventually.TrueAsync(() => _receiver.Received.Count == 2);
        await _simulator.SetAsync("""{"delivery":{"undelivered":[],"failed":[{"code":30008,"share":1}]}}""");
        var failed = await _simulator.CreateAsync(more: ("StatusCallback", _receiver.Url));
        await Eventually.TrueAsync(() => _receiver.Received.Count == 3);

        Assert.Equal(["sent", "undelivered", "failed"], _receiver.Statuses());
        Assert.Equal("30003", _receiver.Received[1].Form["ErrorCode"]);
        Assert.Equal("30008", _receiver.Received[2].Form["ErrorCode"]);
        var fetched = await _simulator.FetchAsync(failed.GetProperty("sid").GetString()!);
        Assert.Equal(30008, fetched.GetProperty("error_code").GetInt32());
        Assert.Equal("Unknown error", fetched.GetProperty("error_message").GetString());
    }

    [Fact]
    public async Task A_messaging_service_calls_back_queued_with_the_sender_that_it_chose()
    {
        var message = await _simulator.CreateAsync(from: "", more:
            [("MessagingServiceSid", "MG0123456789abcdef0123456789abcdef"), ("StatusCallback", _receiver.Url)]);
        Assert.Equal("accepted", message.GetProperty("status").GetString());
        Assert.Equal("0", message.GetProperty("num_segments").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, message.GetProperty("from").ValueKind);

        await Eventually.TrueAsync(() => _receiver.Received.Count == 3);
        Assert.Equal(["queued", "sent", "delivered"], _receiver.Statuses());
        Assert.All(_receiver.Received, callback => Assert.StartsWith("+1500555", callback.Form["From"], StringComparison.Ordinal));
        Assert.All(_receiver.Received, callback => Assert.Equal("MG0123456789abcdef0123456789abcdef", callback.Form["MessagingServiceSid"]));
    }

    [Fact]
    public async Task An_inbound_text_is_posted_signed_and_stands_in_the_list()
    {
        using var response = await _simulator.Control.PostAsync("/_control/inbound", new StringContent(
            $$"""{"from":"+14155550101","to":"12345","body":"STOP","url":"{{_receiver.Url}}","optOutType":"STOP"}""", Encoding.UTF8, "application/json"));
        Assert.Equal(201, (int)response.StatusCode);

        await Eventually.TrueAsync(() => _receiver.Received.Count == 1);
        var form = _receiver.Received[0].Form;
        Assert.Equal(("STOP", "+14155550101", "12345", "STOP"), (form["Body"], form["From"], form["To"], form["OptOutType"]));
        Assert.Equal(
            TwilioSignature.Compute(Encoding.UTF8.GetBytes(SimulatedAccount.DemoAuthToken), _receiver.Url, form), _receiver.Received[0].Signature);
        var list = await _simulator.Api.GetStringAsync(RunningSimulator.Messages + "?To=12345");
        Assert.Contains("\"direction\":\"inbound\"", list, StringComparison.Ordinal);
        Assert.Contains(form["MessageSid"], list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callbacks_that_were_not_answered_before_a_stop_are_sent_after_the_next_start()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("simulator").FullName, "ledger");
        var slow = new TwilioSimulatorOptions { LedgerPath = path, Knobs = new SimulatorKnobs { Callbacks = new CallbackKnob(SentAfterMs: 3_600_000) } };
        string sid;
        await using (var first = await RunningSimulator.StartAsync(slow))
        {
            sid = (await first.CreateAsync(more: ("StatusCallback", _receiver.Url))).GetProperty("sid").GetString()!;
            await first.StopAsync();
        }

        await using var second = await RunningSimulator.StartAsync(new TwilioSimulatorOptions { LedgerPath = path });
        await Eventually.TrueAsync(() => _receiver.Received.Count == 2);
        Assert.All(_receiver.Received, callback => Assert.Equal(sid, callback.Form["MessageSid"]));
        Assert.Equal("delivered", (await second.FetchAsync(sid)).GetProperty("status").GetString());
    }
}
