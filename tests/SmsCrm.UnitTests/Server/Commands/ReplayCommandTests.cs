using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Server.Commands;

namespace SmsCrm.UnitTests.Server.Commands;

/// <summary>What <c>smscrm replay</c> says that it did.</summary>
public sealed class ReplayCommandTests
{
    [Fact]
    public void Right_counts_are_said_to_be_right() => Assert.Equal("The counts were right: nothing was changed.", ReplayCommand.Told(default, default));

    [Fact]
    public void What_was_put_right_is_counted_by_its_kind() => Assert.Equal(
        "Put right: 1 lines by campaign and day, 2 by sender and country, 3 by quarter-hour, 1,200 of clicks by quarter-hour, 4 messages' first clicks.",
        ReplayCommand.Told(new CountReplayReport(1, 2, 3), new ClickReplayReport(4, 1_200, null)));

    [Fact]
    public void Clicks_whose_hits_are_removed_are_said_to_be_left() => Assert.Equal(
        "The counts were right: nothing was changed.\nClicks are kept since 2026-11-01 10:15 UTC: what was counted of them before was left as it is.",
        ReplayCommand.Told(default, new ClickReplayReport(0, 0, new DateTimeOffset(2026, 11, 1, 10, 15, 0, TimeSpan.Zero))));
}
