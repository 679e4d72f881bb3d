using SmsCrm.LoadTests.Webhooks;

namespace SmsCrm.UnitTests.LoadTests;

public sealed class WebhookTallyTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    private readonly WebhooksPlan _plan = new(tenants: 10, endpoints: 10, hanging: 1, failing: 1);
    private readonly WebhookTally _tally;

    public WebhookTallyTests() => _tally = new WebhookTally(_plan);

    [Fact]
    public void The_delay_is_from_the_event_to_the_first_request_and_a_second_one_is_no_delivery()
    {
        Arrive(EndpointClass.Good, "msg_1", delayMs: 100);
        Arrive(EndpointClass.Good, "msg_1", delayMs: 5_000);
        Arrive(EndpointClass.Good, "msg_2", delayMs: 300);

        var phase = _tally.Of("bad-1");
        Assert.Equal((2L, 1L), (phase.Delivered, phase.Twice));
        var delay = phase.Delay.Summarise();
        Assert.Equal(2, delay.Count);
        Assert.InRange(delay.MaxMs, 299, 301);
    }

    [Fact]
    public void Requests_to_those_that_misbehave_are_counted_with_their_retries_and_apart_from_the_delays()
    {
        Arrive(EndpointClass.Hanging, "msg_1", delayMs: 100);
        Arrive(EndpointClass.Hanging, "msg_1", delayMs: 20_000);
        Arrive(EndpointClass.Failing, "msg_2", delayMs: 100);

        var phase = _tally.Of("bad-1");
        Assert.Equal((2L, 1L, 0L, 0L), (phase.ToHanging, phase.ToFailing, phase.Delivered, phase.Twice));
        Assert.Equal(0, phase.Delay.Summarise().Count);
    }

    [Fact]
    public void A_late_retry_belongs_to_the_phase_of_its_message()
    {
        Arrive(EndpointClass.Good, "msg_1", delayMs: 100, phase: "good-1");
        Arrive(EndpointClass.Good, "msg_2", delayMs: 100, phase: "good-2");
        Arrive(EndpointClass.Good, "msg_1", delayMs: 60_000, phase: "good-1");

        Assert.Equal((1L, 1L), (_tally.Of("good-1").Delivered, _tally.Of("good-1").Twice));
        Assert.Equal((1L, 0L), (_tally.Of("good-2").Delivered, _tally.Of("good-2").Twice));
    }

    [Fact]
    public void A_body_as_it_is_delivered_tells_the_events_time_and_the_phase()
    {
        const string Body = """
            {"type":"message.delivered","timestamp":"2026-11-29T12:00:00.25Z","data":{"message_id":"01a214df-0af7-78e8-87eb-9af4ad8d0113","state":"delivered",
             "version":5,"campaign_id":"bad-1"}}
            """;

        var arrival = WebhookArrival.Read(7, "msg_1", Body, Noon.AddSeconds(1));

        Assert.Equal(new WebhookArrival(7, "msg_1", "bad-1", Noon.AddMilliseconds(250), Noon.AddSeconds(1)), arrival);
    }

    private void Arrive(EndpointClass kind, string id, int delayMs, string phase = "bad-1") =>
        _tally.Add(new WebhookArrival(_plan.Of(kind)[0], id, phase, Noon, Noon.AddMilliseconds(delayMs)));
}
