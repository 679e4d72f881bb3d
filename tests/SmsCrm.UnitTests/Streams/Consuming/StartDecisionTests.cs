using SmsCrm.Streams.Consuming;

namespace SmsCrm.UnitTests.Streams.Consuming;

public sealed class StartDecisionTests
{
    [Fact]
    public void A_group_that_never_committed_begins_at_the_earliest_record() =>
        Assert.Equal(new StartDecision(StartReason.Beginning, 40), StartDecision.For(committed: null, low: 40, high: 90, isAnotherLog: false));

    [Theory]
    [InlineData(40)]
    [InlineData(65)]
    [InlineData(90)]
    public void A_committed_offset_within_the_log_is_where_reading_goes_on(long committed) =>
        Assert.Equal(new StartDecision(StartReason.Committed, committed), StartDecision.For(committed, low: 40, high: 90, isAnotherLog: false));

    [Fact]
    public void A_log_that_begins_behind_the_committed_offset_has_lost_what_lies_between() =>
        Assert.Equal(new StartDecision(StartReason.RecordsLost, 40, 30), StartDecision.For(committed: 10, low: 40, high: 90, isAnotherLog: false));

    [Fact]
    public void A_log_that_ends_before_the_committed_offset_is_another_one_and_is_read_from_the_earliest() =>
        Assert.Equal(new StartDecision(StartReason.AnotherLog, 0), StartDecision.For(committed: 91, low: 0, high: 90, isAnotherLog: false));

    [Fact]
    public void Of_a_log_known_to_be_another_one_no_committed_offset_is_trusted() =>
        Assert.Equal(new StartDecision(StartReason.AnotherLog, 0), StartDecision.For(committed: 50, low: 0, high: 90, isAnotherLog: true));
}
