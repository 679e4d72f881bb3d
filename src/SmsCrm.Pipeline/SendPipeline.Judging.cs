using SmsCrm.Pipeline.Gates;
using SmsCrm.Pipeline.Gates.Facts;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline;

// Steps 1 and 2: what is known of each message, and what its gates say to that.
internal sealed partial class SendPipeline
{
    private async Task ReadFactsAsync(Pass pass, CancellationToken cancellation)
    {
        var rules = directory.Current.Rules;
        var keys = new FactsKey[pass.Batch.Count];
        var budgets = new HashSet<Guid>();
        for (var i = 0; i < keys.Length; i++)
        {
            var message = pass.Batch[i].Message;
            keys[i] = GateInputs.KeyOf(message, rules.Of(message.Tenant));
            Note(budgets, rules.BudgetOf(message.Tenant));
            Note(budgets, rules.BudgetOf(message.Tenant, message.CampaignId));
        }

        pass.Facts = await facts.ReadAsync(keys, budgets, cancellation).ConfigureAwait(false);
        pass.ClockOffset = pass.Facts.Now - clock.GetUtcNow();
        pass.Settings = await directory.EnsureAsync(pass.Facts.SettingsVersion, cancellation).ConfigureAwait(false);
    }

    private static void Note(HashSet<Guid> budgets, Guid? budget)
    {
        if (budget is { } id)
        {
            budgets.Add(id);
        }
    }

    /// <summary>
    /// From Kafka only what has no row or a queued one goes on, from Waiting only the very row that it gave out. Of everything
    /// else the ledger already says what became of it.
    /// </summary>
    /// <remarks>
    /// A batch decides about a message once: copies of a record that came twice (a partition that came back, copies that rested) meet in one
    /// batch, and the second one goes back to Facts, where it is a replay of the first.
    /// </remarks>
    private void StopReplays(Pass pass)
    {
        var once = new HashSet<MessageId>(pass.Batch.Count);
        foreach (var item in pass.Batch)
        {
            if (!once.Add(item.Message.Id))
            {
                pass.Lost.Add(item);
                continue;
            }

            item.Seen = pass.Facts.RowOf(item.Message.Id);
            var goesOn = item.GivenVersion is { } given
                ? item.Seen.Version == given && item.Seen.State is MessageState.Deferred or MessageState.Queued
                : item.Seen.State is MessageState.None or MessageState.Queued;
            if (goesOn && item.Message.Id.CompareTo(pass.Facts.Floor) < 0)
            {
                pass.Unusable.Add((item, "the message is older than the ledger keeps rows, so nobody knows what became of it"));
            }
            else if (goesOn)
            {
                item.FirstSeenAt = item.FirstSeenAt == 0 ? pass.Facts.StartedAt : item.FirstSeenAt;
                pass.Going.Add(item);
            }
            else
            {
                metrics.Replayed();
                item.Settle();
            }
        }
    }

    /// <summary>What was accepted before its tenant, campaign or recipient was cancelled ends as cancelled.</summary>
    private static void StopCancelled(Pass pass) => Keep(pass, item =>
    {
        var message = item.Message;
        if (!pass.Facts.IsCancelled(message.Tenant, message.CampaignId, message.Recipient, message.Id.AcceptedAt))
        {
            return true;
        }

        pass.Cancellations.Add(item);
        return false;
    });

    private void JudgeByGates(Pass pass) => Keep(pass, item =>
    {
        var tenant = pass.Settings.Tenant(item.Message.Tenant);
        item.Tenant = tenant!;
        item.SegmentMicros = pass.Settings.Rules.Rates.SegmentMicros(item.Message.Tenant, item.Request.Country);
        var input = GateInputs.Of(item, pass.Facts, pass.Settings.Rules, tenant);
        switch (gates.Judge(in input))
        {
            case GateDecision.Reject reject:
                pass.Rejections.Add((item, reject.Verdict));
                return false;
            case GateDecision.Defer defer:
                pass.Defer(item, defer.Reason, defer.Until, Guid.Empty, defer.Detail);
                return false;
            default:
                item.Limits = gates.LimitsOf(in input);
                return true;
        }
    });

    private static void Keep(Pass pass, Func<SendItem, bool> goesOn)
    {
        var going = new List<SendItem>(pass.Going.Count);
        foreach (var item in pass.Going)
        {
            if (goesOn(item))
            {
                going.Add(item);
            }
        }

        pass.Going = going;
    }
}
