using SmsCrm.TwilioSimulator.Knobs;

namespace SmsCrm.UnitTests.TwilioSimulator.Knobs;

public sealed class DrawsTests
{
    private const int Many = 100_000;
    private readonly Draws _draws = new(seed: 42);

    [Fact]
    public void The_same_seed_draws_the_same()
    {
        var again = new Draws(seed: 42);

        Assert.Equal(_draws.Unit(Purpose.Fate, 7), again.Unit(Purpose.Fate, 7));
        Assert.NotEqual(_draws.Unit(Purpose.Fate, 7), new Draws(seed: 43).Unit(Purpose.Fate, 7));
    }

    [Fact]
    public void Each_purpose_has_luck_of_its_own()
    {
        var both = Enumerable.Range(0, Many).Count(i =>
            _draws.Happens(Purpose.DropBefore, (ulong)i, 0.1) && _draws.Happens(Purpose.DropAfter, (ulong)i, 0.1));

        Assert.InRange(both, Many / 100 * 0.8, Many / 100 * 1.2);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.01)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public void A_rate_is_kept(double rate)
    {
        var happened = Enumerable.Range(0, Many).Count(i => _draws.Happens(Purpose.Lost, (ulong)i, rate));

        Assert.InRange(happened, Many * rate * 0.9, Many * rate * 1.1);
    }

    [Fact]
    public void A_lognormal_latency_has_its_median_and_its_99th_percentile()
    {
        var knob = new LatencyKnob(LatencyKind.Lognormal, P50Ms: 20, P99Ms: 200, MaxMs: 100_000);
        var drawn = Enumerable.Range(0, Many).Select(i => _draws.LatencyMs(knob, (ulong)i)).Order().ToArray();

        Assert.InRange(drawn[Many / 2], 19, 21);
        Assert.InRange(drawn[Many / 100 * 99], 185, 215);
    }

    [Fact]
    public void A_uniform_latency_stays_within_its_bounds()
    {
        var knob = new LatencyKnob(LatencyKind.Uniform, MinMs: 5, MaxMs: 6);
        var drawn = Enumerable.Range(0, 1000).Select(i => _draws.LatencyMs(knob, (ulong)i)).ToArray();

        Assert.All(drawn, latency => Assert.InRange(latency, 5, 6));
        Assert.InRange(drawn.Average(), 5.4, 5.6);
    }
}
