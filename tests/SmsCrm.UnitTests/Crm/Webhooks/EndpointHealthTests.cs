using SmsCrm.Crm.Webhooks;

namespace SmsCrm.UnitTests.Crm.Webhooks;

public sealed class EndpointHealthTests
{
    private static readonly WebhooksOptions Options = new();
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddYears(56);
    private static readonly EndpointHealth Well = new(WebhookState.Active, 0, null, null);

    [Fact]
    public void The_third_failure_in_a_row_slows_it_and_one_success_makes_it_well()
    {
        var twice = After(Well, 500, 500);
        var slowed = After(twice, 500);

        Assert.Equal((WebhookState.Active, 2, Start), (twice.State, twice.Failures, twice.FailingSince));
        Assert.Equal((WebhookState.Slowed, 3, Start), (slowed.State, slowed.Failures, slowed.FailingSince));
        Assert.Contains("status 500", slowed.Reason, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(5), slowed.Pause);
        Assert.Equal(TimeSpan.FromSeconds(20), After(slowed, 500, 500).Pause);
        Assert.Equal(Well, After(slowed, 204));
    }

    [Fact]
    public void It_is_switched_off_when_it_failed_for_all_the_time()
    {
        var failing = After(Well, [.. Enumerable.Repeat(503, 20)]);

        var before = failing.After(Outcome(500), Options, Start.AddHours(119), 0);
        var off = failing.After(Outcome(500), Options, Start.AddHours(120), 0);

        Assert.Equal(WebhookState.Slowed, before.State);
        Assert.Equal(WebhookState.Off, off.State);
        Assert.Contains("21 attempts in a row failed", off.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_failures_long_ago_are_no_proof()
    {
        var failing = After(Well, 500, 500);

        Assert.NotEqual(WebhookState.Off, failing.After(Outcome(500), Options, Start.AddHours(1_000), 0).State);
    }

    [Fact]
    public void Gone_switches_it_off_at_once_and_for_good()
    {
        var off = After(Well, 410);

        Assert.Equal(WebhookState.Off, off.State);
        Assert.Contains("410", off.Reason, StringComparison.Ordinal);
        Assert.Equal(off, After(off, 200));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public void A_receiver_that_has_too_much_to_do_gets_a_pause_of_its_own_wish(int status)
    {
        Assert.Equal(TimeSpan.FromSeconds(5), After(Well, status).Pause);
        Assert.Equal(TimeSpan.FromMinutes(7), Well.After(Outcome(status) with { RetryAfter = TimeSpan.FromMinutes(7) }, Options, Start, 0).Pause);
        Assert.Null(After(Well, 500).Pause);
    }

    private static EndpointHealth After(EndpointHealth health, params int[] statuses) =>
        statuses.Aggregate(health, (known, status) => known.After(Outcome(status), Options, Start, 0));

    private static AttemptOutcome Outcome(int status) => new(Start, status, TimeSpan.FromMilliseconds(20));
}
