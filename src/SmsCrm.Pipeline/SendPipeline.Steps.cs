using SmsCrm.Pipeline.Dispatch;
using SmsCrm.Pipeline.Gates;
using SmsCrm.Pipeline.Gates.Facts;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;
using SmsCrm.Pipeline.Pacing;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline;

internal sealed partial class SendPipeline
{
    /// <summary>How long a message rests for a slot before it asks again.</summary>
    private static readonly TimeSpan SlotRest = TimeSpan.FromMilliseconds(25);

    /// <summary>The least time for which it is worth resting for a token.</summary>
    private static readonly TimeSpan LeastRest = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan HaltedRecheck = TimeSpan.FromSeconds(30);

    private async Task ReadFactsAsync(Pass pass, CancellationToken cancellation)
    {
        var rules = directory.Current.Rules;
        var keys = new FactsKey[pass.Batch.Count];
        var budgets = new HashSet<Guid>();
        for (var i = 0; i < keys.Length; i++)
        {
            var message = pass.Batch[i].Message;
            keys[i] = new FactsKey(
                message.Id, message.Tenant, message.Recipient, message.CampaignId, NeedsRecent(rules.Of(message.Tenant), message.Purpose));
            Note(budgets, rules.BudgetOf(message.Tenant));
            Note(budgets, rules.BudgetOf(message.Tenant, message.CampaignId));
        }

        pass.Facts = await facts.ReadAsync(keys, budgets, cancellation).ConfigureAwait(false);
        pass.ClockOffset = pass.Facts.Now - clock.GetUtcNow();
        pass.Settings = await directory.EnsureAsync(pass.Facts.SettingsVersion, cancellation).ConfigureAwait(false);
    }

    /// <summary>Marketing has caps of the law's and words of its first text; else only what the tenant set asks for it.</summary>
    private static bool NeedsRecent(TenantRules rules, Purpose purpose) =>
        purpose == Purpose.Marketing || rules.FrequencyCaps.Count > 0 || rules.DuplicateWindow > TimeSpan.Zero;

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
        var input = InputOf(pass, item, tenant);
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

    private static GateInput InputOf(Pass pass, SendItem item, TenantBasics? tenant)
    {
        var (message, request, rules) = (item.Message, item.Request, pass.Settings.Rules);
        var recipient = pass.Facts.RecipientOf(message.Tenant, message.Recipient);
        var tenantRules = rules.Of(message.Tenant);
        item.SegmentMicros = rules.Rates.SegmentMicros(message.Tenant, request.Country);
        return new GateInput(
            message.Recipient,
            message.Purpose,
            message.Id.AcceptedAt,
            request.SendAt?.ToDateTimeOffset(),
            request.ValidUntil?.ToDateTimeOffset(),
            tenantRules.IsReadable ? StandingOf(tenant) : TenantStanding.Paused,
            recipient.Suppression,
            pass.Facts.Now)
        {
            Country = request.Country,
            CampaignId = message.CampaignId,
            IsCampaignPaused = rules.IsPaused(message.Tenant, message.CampaignId),
            Body = request.Body,
            ContentHash = message.ContentHash,
            Segments = message.Segments,
            CostMicros = item.SegmentMicros * message.Segments,
            Rules = tenantRules,
            PlatformSuppression = pass.Facts.PlatformSuppressions.GetValueOrDefault(message.Recipient),
            Consent = recipient.ConsentTo(message.Purpose),
            TimeZone = recipient.TimeZone,
            Region = recipient.Region,
            Recent = NeedsRecent(tenantRules, message.Purpose) ? pass.Facts.RecentOf(message.Tenant, message.Recipient) : null,
            // What an attempt that ended by evidence holds pays for the next one.
            Budgets = item.Seen.IsByEvidence ? [] : pass.Facts.BudgetsOf(rules.BudgetOf(message.Tenant), rules.BudgetOf(message.Tenant, message.CampaignId)),
        };
    }

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

    private static TenantStanding StandingOf(TenantBasics? tenant) => tenant?.State switch
    {
        null => TenantStanding.Unknown,
        TenantState.Active => TenantStanding.Active,
        TenantState.Paused => TenantStanding.Paused,
        _ => TenantStanding.Suspended,
    };
}
