using SmsCrm.Pipeline.Dispatch;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.UnitTests.Pipeline.Dispatch;

public sealed class OutcomeMappingTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Sender = Guid.CreateVersion7();
    private readonly OutcomeMapping _mapping = new(new DispatchOptions { MaxAttempts = 3, BackoffMs = 1_000, HaltSeconds = 60 }, new Random(1));

    [Fact]
    public void What_the_provider_took_is_taken_under_its_sid()
    {
        Assert.True(ProviderSid.TryParse("SM0123456789abcdef0123456789abcdef", out var sid));

        Assert.Equal(new ClaimOutcome.Taken(sid), Map(new PostOutcome.Accepted(sid)));
    }

    [Theory]
    [InlineData(ErrorClass.Permanent)]
    [InlineData(ErrorClass.Suppress)]
    public void What_it_refuses_for_good_fails_with_its_code(ErrorClass kind)
    {
        var failed = Assert.IsType<ClaimOutcome.Failed>(Map(new PostOutcome.Rejected(21211, "Invalid 'To'", kind)));

        Assert.Equal((Reason.ProviderRefused, 21211), (failed.Reason, failed.Code));
        Assert.Contains("Invalid 'To'", failed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_account_out_of_order_costs_no_message()
    {
        var again = Assert.IsType<ClaimOutcome.TryAgain>(Map(new PostOutcome.Rejected(20003, "Authenticate", ErrorClass.Halt)));

        Assert.Equal((Reason.AccountUnavailable, Now.AddSeconds(60), Sender), (again.Reason, again.DueAt, again.SenderId));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void A_throttled_message_is_tried_again_within_a_doubling_time(int attempt, int withinSeconds)
    {
        var again = Assert.IsType<ClaimOutcome.TryAgain>(Map(new PostOutcome.Throttled(20429, "Too many", null), attempt));

        Assert.Equal(Reason.RetryBackoff, again.Reason);
        Assert.InRange(again.DueAt, Now, Now.AddSeconds(withinSeconds));
    }

    [Fact]
    public void It_waits_at_least_as_long_as_the_provider_asks()
    {
        var again = Assert.IsType<ClaimOutcome.TryAgain>(Map(new PostOutcome.Throttled(20429, "Too many", TimeSpan.FromSeconds(30))));

        Assert.Equal(Now.AddSeconds(30), again.DueAt);
    }

    [Fact]
    public void After_its_last_attempt_it_fails()
    {
        var failed = Assert.IsType<ClaimOutcome.Failed>(Map(new PostOutcome.Throttled(20429, "Too many", null), attempt: 3));

        Assert.Equal((Reason.RetriesExhausted, 20429), (failed.Reason, failed.Code));
    }

    [Fact]
    public void What_never_began_is_free_at_once()
    {
        var again = Assert.IsType<ClaimOutcome.TryAgain>(Map(new PostOutcome.NotSent("past post_by"), attempt: 100));

        Assert.Equal((Reason.Released, Now), (again.Reason, again.DueAt));
    }

    [Fact]
    public void What_nobody_knows_stays_unknown() => Assert.IsType<ClaimOutcome.Unknown>(Map(new PostOutcome.Unknown("no answer")));

    public static TheoryData<PostOutcome, bool, string> Signals => new()
    {
        { new PostOutcome.Accepted(default), false, nameof(PostSignal.Answered) },
        { new PostOutcome.Rejected(21211, "", ErrorClass.Permanent), false, nameof(PostSignal.Answered) },
        { new PostOutcome.Rejected(21610, "", ErrorClass.Suppress), false, nameof(PostSignal.Answered) },
        { new PostOutcome.Rejected(20003, "", ErrorClass.Halt), false, nameof(PostSignal.Halted) },
        { new PostOutcome.Throttled(20429, "", null), false, nameof(PostSignal.PushedBack) },
        { new PostOutcome.NotSent(""), true, nameof(PostSignal.PushedBack) },
        { new PostOutcome.NotSent(""), false, nameof(PostSignal.Failed) },
        { new PostOutcome.Unknown(""), false, nameof(PostSignal.Failed) },
    };

    [Theory]
    [MemberData(nameof(Signals))]
    public void An_outcome_says_something_about_its_account_too(PostOutcome outcome, bool wasLate, string signal) =>
        Assert.Equal(signal, OutcomeMapping.ForAccount(outcome, wasLate).ToString());

    private ClaimOutcome Map(PostOutcome outcome, int attempt = 1) => _mapping.ForMessage(outcome, attempt, Sender, Now);
}
