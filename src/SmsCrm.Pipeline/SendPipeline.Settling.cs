using SmsCrm.Pipeline.Dispatch;
using SmsCrm.Pipeline.Gates;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline;

internal sealed partial class SendPipeline
{
    private static readonly TimeSpan BudgetRest = TimeSpan.FromSeconds(1);

    private async Task ClaimAsync(Pass pass)
    {
        if (clock.GetElapsedTime(pass.Facts.StartedAt) > ClaimBy)
        {
            metrics.Stale(pass.Going.Count);
            pass.Lost.AddRange(pass.Going);
            pass.Going.Clear();
        }

        if (pass.Going.Count == 0)
        {
            return;
        }

        var rules = pass.Settings.Rules;
        var entries = pass.Going.ConvertAll(item => new ClaimEntry(item.Message, item.Seen, item.Account.Id, item.Sender.Id, new ClaimTerms(
            item.SegmentMicros * item.Message.Segments,
            rules.BudgetOf(item.Message.Tenant),
            rules.BudgetOf(item.Message.Tenant, item.Message.CampaignId),
            item.Limits)));
        var claim = new ClaimBatch(Guid.CreateVersion7(), presence.Worker, pass.Settings.Version);
        var results = await ledger.ClaimAsync(entries, claim, CancellationToken.None).ConfigureAwait(false);
        for (var i = 0; i < results.Count; i++)
        {
            if (results[i].Result == TransitionResult.Busy)
            {
                // In a batch of its own tenant's, a second later: it waits for nobody here.
                pass.Defer(pass.Going[i], Reason.Busy, pass.Facts.Now + BudgetRest, pass.Going[i].Sender.Id, null);
                continue;
            }

            // What a budget can't pay, or the recipient may not get, is won too: as rejected or deferred.
            if (results[i] is { Result: TransitionResult.Won, Row.State: MessageState.Claimed })
            {
                pass.Won.Add((pass.Going[i], results[i].Row));
            }

            SettleOrLose(pass, pass.Going[i], results[i].Result);
        }
    }

    private void Dispatch(Pass pass)
    {
        var postBy = pass.Facts.StartedAt + (long)(GateInput.Window.TotalSeconds * clock.TimestampFrequency);
        foreach (var (item, claimed) in pass.Won)
        {
            // From here on the slot is the dispatcher's.
            item.HoldsSlot = false;
            var text = new OutgoingText(
                item.Message.Tenant, item.Message.Id, claimed.Attempt, item.Sender.Address, item.Message.Recipient, item.Request.Body, postBy, clock);
            dispatcher.Start(new ClaimedText(item.Message, claimed, item.Account, item.Sender.Id, text, pass.ClockOffset));
        }
    }

    private async Task RejectAsync(Pass pass)
    {
        if (pass.Rejections.Count == 0)
        {
            return;
        }

        var entries = pass.Rejections.ConvertAll(static rejection => new RejectEntry(rejection.Item.Message, rejection.Item.Seen, rejection.Verdict));
        var results = await ledger.RejectAsync(entries, CancellationToken.None).ConfigureAwait(false);
        for (var i = 0; i < results.Count; i++)
        {
            SettleOrLose(pass, pass.Rejections[i].Item, results[i].Result);
        }
    }

    /// <summary>Each is a transition of its own, with the row that makes its record a replay.</summary>
    private async Task CancelAsync(Pass pass)
    {
        foreach (var group in pass.Cancellations.GroupBy(item => item.Message.Tenant))
        {
            var items = group.ToList();
            var entries = items.ConvertAll(static item => new CancelEntry(item.Message, item.Seen));
            var results = await ledger.CancelSeenAsync(entries, CancellationToken.None).ConfigureAwait(false);
            for (var i = 0; i < results.Count; i++)
            {
                SettleOrLose(pass, items[i], results[i].Result);
            }
        }
    }

    private async Task DeferAsync(Pass pass)
    {
        if (pass.Deferrals.Count == 0)
        {
            return;
        }

        var entries = pass.Deferrals.ConvertAll(static deferral => deferral.Entry);
        var results = await ledger.DeferAsync(entries, CancellationToken.None).ConfigureAwait(false);
        for (var i = 0; i < results.Count; i++)
        {
            metrics.Deferred(entries[i].Reason);
            SettleOrLose(pass, pass.Deferrals[i].Item, results[i].Result);
        }
    }

    /// <summary>A dead letter each. A row that waits and can't be changed stays given out, so that it is not tried in every round.</summary>
    private async Task EndUnusableAsync(Pass pass, CancellationToken cancellation)
    {
        foreach (var (item, why) in pass.Unusable)
        {
            Log.Unusable(logger, item.Message.Id, why);
            if (item.DeadLetter is { } deadLetter)
            {
                await deadLetter(why, cancellation).ConfigureAwait(false);
                item.Settle();
            }
        }
    }

    private void SettleOrLose(Pass pass, SendItem item, TransitionResult result)
    {
        switch (result)
        {
            case TransitionResult.Lost:
                metrics.Lost();
                pass.Lost.Add(item);
                break;
            case TransitionResult.Unusable:
                pass.Unusable.Add((item, "the ledger can't take it"));
                break;
            default:
                item.Settle();
                break;
        }
    }
}
