using SmsCrm.Pipeline.Dispatch;

namespace SmsCrm.UnitTests.Pipeline.Dispatch;

public sealed class AccountBreakerTests
{
    [Fact]
    public void It_opens_after_failures_in_a_row_and_says_so_once()
    {
        var breaker = new AccountBreaker(failuresToOpen: 3, openFor: 100);

        breaker.Failed(now: 0);
        breaker.Succeeded();
        bool[] opened = [breaker.Failed(0), breaker.Failed(0), breaker.Failed(0), breaker.Failed(1)];

        Assert.Equal([false, false, true, false], opened);
        Assert.Equal(0, breaker.Allowance(now: 50));
    }

    [Fact]
    public void When_its_time_is_over_one_may_try()
    {
        var breaker = Opened();

        Assert.Equal(1, breaker.Allowance(now: 100));
        breaker.Began();
        Assert.Equal(0, breaker.Allowance(now: 100));
        breaker.Succeeded();

        Assert.Equal(int.MaxValue, breaker.Allowance(now: 100));
    }

    [Fact]
    public void A_trial_that_fails_opens_it_again()
    {
        var breaker = Opened();
        breaker.Began();

        breaker.Failed(now: 100);

        Assert.Equal(0, breaker.Allowance(now: 199));
        Assert.Equal(1, breaker.Allowance(now: 200));
    }

    [Fact]
    public void A_trial_that_never_began_leaves_the_next_one_to_try()
    {
        var breaker = Opened();
        breaker.Began();

        breaker.Undecided();

        Assert.Equal(1, breaker.Allowance(now: 100));
    }

    private static AccountBreaker Opened()
    {
        var breaker = new AccountBreaker(failuresToOpen: 1, openFor: 100);
        breaker.Failed(now: 0);
        return breaker;
    }
}
