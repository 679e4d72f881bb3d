using FsCheck.Xunit;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Summary;

namespace SmsCrm.UnitTests.Reporting.Summary;

public sealed class SummaryViewTests
{
    [Property]
    public bool The_balance_and_the_states_each_add_up_to_what_was_accepted(ushort[] messages)
    {
        var states = Enum.GetValues<MessageState>().Where(state => state != MessageState.None).ToArray();
        var counts = messages.Select((n, i) => new SummaryQueries.CountRow { State = (short)states[i % states.Length], Messages = n, Segments = n }).ToList();

        var view = SummaryQueries.View(null, null, null, counts, DateTimeOffset.UnixEpoch);

        var balance = view.Balance;
        return view.Accepted == messages.Sum(n => (long)n)
            && view.Accepted == balance.Waiting + balance.Sent + balance.Failed + balance.Rejected + balance.Uncertain
            && view.Accepted == view.States.Values.Sum(s => s.Messages);
    }

    [Fact]
    public void Reasons_and_provider_codes_are_told_by_state()
    {
        var view = SummaryQueries.View("spring", null, null,
        [
            new() { State = (short)MessageState.Rejected, Reason = (short)Reason.Suppressed, Messages = 3, Segments = 4 },
            new() { State = (short)MessageState.Undelivered, Code = 30003, Messages = 2, Segments = 2 },
            new() { State = (short)MessageState.Delivered, Messages = 5, Segments = 5 },
        ],
        DateTimeOffset.UnixEpoch);

        Assert.Equal([new ReasonCountView("rejected", "suppressed", null, 3, 4), new ReasonCountView("undelivered", null, 30003, 2, 2)], view.Reasons);
        Assert.Equal(new BalanceView(Waiting: 0, Sent: 7, Failed: 0, Rejected: 3, Uncertain: 0), view.Balance);
        Assert.Equal(new StateCountView(3, 4), view.States["rejected"]);
    }
}
