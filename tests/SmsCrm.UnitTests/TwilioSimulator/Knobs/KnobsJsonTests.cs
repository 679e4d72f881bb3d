using SmsCrm.TwilioSimulator.Knobs;

namespace SmsCrm.UnitTests.TwilioSimulator.Knobs;

public sealed class KnobsJsonTests
{
    [Fact]
    public void What_is_named_changes_and_the_rest_stays()
    {
        var before = new SimulatorKnobs { Drop = new DropKnob(AfterTakenRate: 0.5), Latency = new LatencyKnob(LatencyKind.Fixed, FixedMs: 7) };

        var errors = KnobsJson.Apply(
            """
            {
              "drop": { "beforeTakenRate": 0.25 },
              "delivery": { "undelivered": [{ "code": 30003, "share": 0.1 }], "silentShare": 0.2 },
              "errors": [{ "code": 20503, "rate": 0.01 }],
              "rates": { "bySender": { "12345": 500 } }
            }
            """,
            before,
            out var knobs);

        Assert.Empty(errors);
        Assert.Equal(new DropKnob(0.25, 0.5), knobs.Drop);
        Assert.Equal(before.Latency, knobs.Latency);
        Assert.Equal([new FateKnob(30003, 0.1)], knobs.Delivery.Undelivered);
        Assert.Equal(0.2, knobs.Delivery.SilentShare);
        Assert.Equal([new ErrorKnob(20503, 0.01)], knobs.Errors);
        Assert.Equal(500, knobs.Rates.BySender["12345"]);
    }

    [Theory]
    [InlineData("""{"latencyy":{}}""", "latencyy")]
    [InlineData("""{"latency":{"p50":1}}""", "latency.p50")]
    [InlineData("""{"latency":{"kind":"slow"}}""", "latency.kind")]
    [InlineData("""{"latency":{"fixedMs":"20"}}""", "latency.fixedMs")]
    [InlineData("""{"latency":{"fixedMs":-1}}""", "latency.fixedMs")]
    [InlineData("""{"latency":{"kind":"uniform","minMs":5,"maxMs":4}}""", "latency.minMs")]
    [InlineData("""{"latency":{"kind":"lognormal","p50Ms":0,"p99Ms":4}}""", "latency.p50Ms")]
    [InlineData("""{"latency":7}""", "latency")]
    [InlineData("""{"drop":{"beforeTakenRate":1.5}}""", "drop.beforeTakenRate")]
    [InlineData("""{"hold":{"forMs":3600001}}""", "hold.forMs")]
    [InlineData("""{"errors":[{"code":20500}]}""", "errors[0].rate")]
    [InlineData("""{"errors":[{"code":1,"rate":0.1}]}""", "errors[0].code")]
    [InlineData("""{"errors":[{"code":20500,"rate":0.6},{"code":20503,"rate":0.6}]}""", "errors")]
    [InlineData("""{"errors":{}}""", "errors")]
    [InlineData("""{"delivery":{"undelivered":[{"code":21610,"share":0.1}]}}""", "delivery.undelivered[0].code")]
    [InlineData("""{"delivery":{"silentShare":0.6,"failed":[{"code":30008,"share":0.6}]}}""", "delivery")]
    [InlineData("""{"callbacks":{"lostRate":2}}""", "callbacks.lostRate")]
    [InlineData("""{"list":{"lagMs":-5}}""", "list.lagMs")]
    [InlineData("""{"limits":{"concurrentRequests":1.5}}""", "limits.concurrentRequests")]
    [InlineData("""{"limits":{"queueSeconds":0}}""", "limits.queueSeconds")]
    [InlineData("""{"rates":{"longCode":0}}""", "rates.longCode")]
    [InlineData("""{"rates":{"bySender":{"12345":"fast"}}}""", "rates.bySender.12345")]
    [InlineData("[]", "(body)")]
    [InlineData("{", "(body)")]
    public void A_wrong_value_is_named_with_what_would_be_right(string json, string field)
    {
        var error = Assert.Single(KnobsJson.Apply(json, new SimulatorKnobs(), out _));

        Assert.Equal(field, error.Field);
        Assert.NotEmpty(error.Value);
        Assert.StartsWith("give", error.Remedy.Replace("there is no such field: ", ""), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_wrong_value_is_named_at_once()
    {
        var errors = KnobsJson.Apply(
            """{"drop":{"beforeTakenRate":2,"afterTakenRate":-1},"list":{"lagMs":-1}}""", new SimulatorKnobs(), out _);

        Assert.Equal(["drop.beforeTakenRate", "drop.afterTakenRate", "list.lagMs"], errors.Select(error => error.Field));
    }
}
