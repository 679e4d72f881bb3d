using SmsCrm.Pipeline.Dispatch;

namespace SmsCrm.UnitTests.Pipeline.Dispatch;

public sealed class AdaptiveConcurrencyTests
{
    [Fact]
    public void It_doubles_per_round_until_the_first_push_back_then_grows_by_one_per_round()
    {
        var concurrency = new AdaptiveConcurrency(1_000);

        Round(concurrency);
        Assert.Equal(32, concurrency.Limit);
        concurrency.PushedBack(beganAt: 0, now: 1);
        Assert.Equal(16, concurrency.Limit);
        Round(concurrency);

        Assert.InRange(concurrency.Limit, 16, 17);
    }

    [Fact]
    public void A_limit_that_nobody_needs_does_not_grow()
    {
        var concurrency = new AdaptiveConcurrency(1_000);

        concurrency.Succeeded(wasBusy: false);

        Assert.Equal(16, concurrency.Limit);
    }

    [Fact]
    public void All_that_were_open_together_push_back_once()
    {
        var concurrency = new AdaptiveConcurrency(64);

        for (var i = 0; i < 16; i++)
        {
            concurrency.PushedBack(beganAt: 5, now: 10);
        }

        Assert.Equal(8, concurrency.Limit);
    }

    [Fact]
    public void It_stays_between_one_and_the_maximum()
    {
        var concurrency = new AdaptiveConcurrency(20);

        for (var i = 0; i < 100; i++)
        {
            concurrency.Succeeded(wasBusy: true);
        }

        Assert.Equal(20, concurrency.Limit);
        for (var i = 0; i < 100; i++)
        {
            concurrency.PushedBack(beganAt: i, now: i);
        }

        Assert.Equal(1, concurrency.Limit);
    }

    private static void Round(AdaptiveConcurrency concurrency)
    {
        for (var left = concurrency.Limit; left > 0; left--)
        {
            concurrency.Succeeded(wasBusy: true);
        }
    }
}
