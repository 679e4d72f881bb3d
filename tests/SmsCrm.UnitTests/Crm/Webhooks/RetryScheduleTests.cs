using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SmsCrm.Crm.Webhooks;

namespace SmsCrm.UnitTests.Crm.Webhooks;

public sealed class RetryScheduleTests
{
    // Standard Webhooks 1.0.0: 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
    private static readonly double[] Standard = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

    [Fact]
    public void Without_jitter_it_is_the_standards_and_then_it_ends()
    {
        var delays = Enumerable.Range(1, 9).Select(tries => RetrySchedule.After(tries, 0)!.Value.TotalSeconds);

        Assert.Equal(Standard, delays);
        Assert.Equal(10, RetrySchedule.MostTries);
        Assert.Null(RetrySchedule.After(RetrySchedule.MostTries, 0));
    }

    [Property(Arbitrary = [typeof(RetryScheduleTests)])]
    public bool Jitter_adds_up_to_a_fifth_and_takes_nothing_away(Draw draw)
    {
        var delay = RetrySchedule.After(draw.Tries, draw.Random)!.Value.TotalSeconds;
        var standard = Standard[draw.Tries - 1];
        return delay >= standard && delay <= standard * 1.2 + 0.001;
    }

    [Property(Arbitrary = [typeof(RetryScheduleTests)])]
    public bool A_slowed_endpoints_pause_grows_and_is_bounded(Draw draw)
    {
        var pause = RetrySchedule.Pause(draw.Tries - 1, draw.Random).TotalSeconds;
        return pause is >= 5 and <= 720.001
            && RetrySchedule.Pause(draw.Tries, 0) >= RetrySchedule.Pause(draw.Tries - 1, 0);
    }

    public static Arbitrary<Draw> Draws() => (
        from tries in Gen.Choose(1, 9)
        from random in Gen.Choose(0, 1_000)
        select new Draw(tries, random / 1_000.0)).ToArbitrary();

    public sealed record Draw(int Tries, double Random);
}
