using FsCheck.Xunit;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Ledger;

namespace SmsCrm.UnitTests.Reporting.Ledger;

public sealed class LedgerBalanceTests
{
    [Property]
    public bool The_parts_add_up_to_what_was_accepted_in_every_state(ushort[] messages)
    {
        var states = Enum.GetValues<MessageState>().Where(state => state is not (MessageState.None or MessageState.Deferred)).ToArray();
        var rows = messages.Select((n, i) => new LedgerRow { State = (short)states[i % states.Length], Code = i, Messages = n }).ToList();

        var line = LedgerBalance.Line(null, null, rows);

        return line.Balances && line.Accepted == messages.Sum(n => (long)n) && line.Sum == line.Accepted
            && line.Sent.Messages == line.Sent.Delivered + line.Sent.Undelivered + line.Sent.NoReceiptYet;
    }

    [Fact]
    public void What_waits_is_told_by_reason_and_due_time()
    {
        var soon = new DateTime(2026, 11, 25, 12, 0, 0, DateTimeKind.Utc);
        var line = LedgerBalance.Line(new DateOnly(2026, 11, 25), "spring",
        [
            Counted(MessageState.Deferred, Reason.QuietHours, 5),
            new() { Waits = true, State = (short)MessageState.Deferred, Reason = (short)Reason.QuietHours, Messages = 5, Overdue = 1, NextHour = 2, Earliest = soon, Latest = soon.AddHours(9) },
            Counted(MessageState.Queued, Reason.None, 3),
        ]);

        Assert.Equal(
            [
                new LedgerReasonView("deferred", "quiet_hours", null, 5, new LedgerDueView(1, 2, 2, soon, soon.AddHours(9))),
                new LedgerReasonView("queued", null, null, 3, null),
            ],
            line.Waiting.Reasons);
        Assert.True(line.Balances);
    }

    [Fact]
    public void What_is_counted_as_deferred_and_does_not_wait_does_not_balance()
    {
        var line = LedgerBalance.Line(null, null, [Counted(MessageState.Deferred, Reason.Pacing, 2)]);

        Assert.False(line.Balances);
        Assert.Equal("2 counted as deferred for pacing, 0 wait for it", Assert.Single(line.Differences));
    }

    [Theory]
    [InlineData(99, 1, "1 accepted, and the parts add up to 0")]
    [InlineData((int)MessageState.Failed, -1, "-1 messages counted in state 10, reason 0, code 0")]
    public void A_count_that_can_not_be_does_not_balance(short state, long messages, string difference)
    {
        var line = LedgerBalance.Line(null, null, [new() { State = state, Messages = messages }]);

        Assert.False(line.Balances);
        Assert.Equal(difference, Assert.Single(line.Differences));
    }

    [Fact]
    public void Nothing_accepted_balances() => Assert.True(LedgerBalance.Line(null, null, []).Balances);

    [Theory]
    [InlineData("spring")]
    [InlineData("")]
    [InlineData("Frühling 🌷")]
    public void A_cursor_comes_back_as_it_went(string campaign)
    {
        var cursor = new LedgerCursor(new DateOnly(2026, 11, 25), campaign);

        Assert.True(LedgerCursor.TryDecode(cursor.Encode(), out var read));
        Assert.Equal(cursor, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("MjAyNjExMjU")]
    [InlineData("MTIwMjYxMzI1")]
    public void What_was_never_handed_out_is_no_cursor(string text) => Assert.False(LedgerCursor.TryDecode(text, out _));

    private static LedgerRow Counted(MessageState state, Reason reason, long messages) =>
        new() { State = (short)state, Reason = (short)reason, Messages = messages };
}
