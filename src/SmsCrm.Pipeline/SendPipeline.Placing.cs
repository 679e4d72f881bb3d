using SmsCrm.Pipeline.Dispatch;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Pacing;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline;

// Steps 3 to 5: from which number a message goes, whether its account has a slot for it, and whether its time has come.
internal sealed partial class SendPipeline
{
    /// <summary>How long a message rests for a slot before it asks again.</summary>
    private static readonly TimeSpan SlotRest = TimeSpan.FromMilliseconds(25);

    /// <summary>The least time for which it is worth resting for a token.</summary>
    private static readonly TimeSpan LeastRest = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan HaltedRecheck = TimeSpan.FromSeconds(30);

    private void ChooseSenders(Pass pass) => Keep(pass, item =>
    {
        switch (SenderRule.Choose(pass.Settings, item.Message.Tenant, item.Request.Sender, item.Request.Pool, item.Message.Recipient, item.Request.Country, IsOut))
        {
            case SenderDecision.Chosen chosen when full.RestOf(chosen.Sender.Id) is var rest && rest > TimeSpan.Zero:
                pass.Defer(item, Reason.RetryBackoff, pass.Facts.Now + rest, chosen.Sender.Id, FullSenders.Detail(chosen.Sender.Address));
                return false;
            case SenderDecision.Chosen chosen:
                item.Sender = chosen.Sender;
                item.Account = chosen.Account;
                return true;
            case SenderDecision.Unavailable unavailable:
                pass.Defer(item, Reason.AccountUnavailable, pass.Facts.Now + HaltedRecheck, unavailable.SenderId, unavailable.Detail);
                return false;
            case SenderDecision.NoSender none:
                pass.Rejections.Add((item, none.Verdict));
                return false;
            default:
                throw new InvalidOperationException("No rule for that decision about the sender");
        }
    });

    private bool IsOut(Sender sender) => slots.IsOut(sender.AccountId) || full.RestOf(sender.Id) > TimeSpan.Zero;

    private void JoinBacklogs(Pass pass) => Keep(pass, item =>
    {
        if (item.IsFromWaiting || !backlogs.Has(item.Lane))
        {
            return true;
        }

        pass.Defer(item, Reason.Pacing, pass.Facts.Now, item.Sender.Id, null);
        return false;
    });

    private void TakeSlots(Pass pass)
    {
        foreach (var group in pass.Going.GroupBy(item => (item.Account.Id, item.Message.Purpose)))
        {
            var first = group.First();
            var grant = slots.Take(first.Account, first.Message.Purpose, group.Count());
            foreach (var item in group.Take(grant.Count))
            {
                item.HoldsSlot = true;
            }

            foreach (var item in group.Skip(grant.Count))
            {
                if (grant.UnavailableFor > TimeSpan.Zero)
                {
                    pass.Defer(item, Reason.AccountUnavailable, pass.Facts.Now + grant.UnavailableFor, item.Sender.Id, null);
                }
                else
                {
                    RestOrDefer(pass, item, SlotRest, Reason.Busy);
                }
            }
        }

        pass.Going.RemoveAll(static item => !item.HoldsSlot);
    }

    private async Task PaceAsync(Pass pass, CancellationToken cancellation)
    {
        if (pass.Going.Count == 0)
        {
            return;
        }

        var requests = pass.Going.ConvertAll(item => new PaceRequest(
            item.Message.Tenant,
            item.Tenant.SegmentsPerSecond,
            item.Account.Id,
            item.Account.SegmentsPerSecond,
            item.Sender.Id,
            item.Sender.SegmentsPerSecond,
            Math.Clamp((int)item.Message.Segments, 1, 20),
            item.Message.Purpose == Purpose.Transactional,
            pacing.ClassOf(item.Request.Country, out var rate),
            rate));
        var decisions = await buckets.PaceAsync(requests, cancellation).ConfigureAwait(false);
        var next = 0;
        Keep(pass, item =>
        {
            var decision = decisions[next++];
            if (decision.MayGo)
            {
                return true;
            }

            pass.ReturnSlot(item);
            RestOrDefer(
                pass,
                item,
                decision.Wait > LeastRest ? decision.Wait : LeastRest,
                Reason.Pacing,
                decision.IsByCarrier ? pass.Facts.Now + decision.Wait : null);
            return false;
        });
    }

    /// <summary>A moment's rest costs nothing; what takes longer than a second in all waits in its lane, where it keeps its place.</summary>
    /// <param name="carrierDue">Who waits for its carrier class alone gives up its place, so that nobody else of its lane waits behind it.</param>
    private void RestOrDefer(Pass pass, SendItem item, TimeSpan rest, Reason reason, DateTimeOffset? carrierDue = null)
    {
        var soFar = clock.GetElapsedTime(item.FirstSeenAt);
        if ((soFar + rest).TotalMilliseconds <= options.RestMs && resting.HasShareFor(item.Message.Tenant))
        {
            pass.Rests.Add((item, rest));
            return;
        }

        pass.Defer(item, reason, carrierDue ?? item.LaneDue ?? pass.Facts.Now, item.Sender.Id, null);
    }
}
