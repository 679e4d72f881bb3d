using System.Diagnostics;
using System.Globalization;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Our own decisions as changes of rows, pure. Null: the table of transitions does not allow it from what was seen.</summary>
internal static class Decisions
{
    public static RowChange? Enqueue(AcceptedMessage message) => Decide(message.Id, RowFacts.NoRow, new(message.Id, RowFacts.NoRow)
    {
        Message = message,
        State = MessageState.Queued,
        Events = [Told(EventKind.Queued)],
    });

    public static RowChange? Claim(ClaimEntry entry) => Decide(entry.Message.Id, entry.Seen, new(entry.Message.Id, entry.Seen)
    {
        Message = entry.Message,
        State = MessageState.Claimed,
        Attempt = (short)(entry.Seen.Attempt + 1),
        AccountId = entry.AccountId,
        SenderId = entry.SenderId,
        Terms = entry.Terms,

        // The row keeps the last sender only; an attempt's own is on the timeline.
        Events = [Told(EventKind.Claimed, detail: string.Create(CultureInfo.InvariantCulture, $$"""{"sender":"{{entry.SenderId}}"}"""))],
    });

    /// <summary>Before a claim only: what was claimed waits again by its outcome, with proof that the attempt was not taken.</summary>
    public static RowChange? Defer(DeferEntry entry) => entry.Seen.State is MessageState.Claimed or MessageState.Unknown
        ? null
        : Decide(entry.Message.Id, entry.Seen, Deferral(entry));

    public static RowChange? Reject(RejectEntry entry) => Decide(entry.Message.Id, entry.Seen, new(entry.Message.Id, entry.Seen)
    {
        Message = entry.Message,
        State = MessageState.Rejected,
        Reason = entry.Verdict.Reason,
        Verdict = entry.Verdict.Detail,
        Events = [Told(EventKind.Rejected, detail: entry.Verdict.Detail)],
    });

    public static RowChange? RejectUnreadable(UnreadableEntry entry) => Decide(entry.Id, RowFacts.NoRow, new(entry.Id, RowFacts.NoRow)
    {
        Message = Nameless(entry.Id, entry.Tenant, default, entry.CampaignId),
        State = MessageState.Rejected,
        Reason = Reason.Unreadable,
        Verdict = entry.Detail,
        Events = [Told(EventKind.Rejected, detail: entry.Detail)],
    });

    public static RowChange? Cancel(CancelEntry entry) => Decide(entry.Message.Id, entry.Seen, new(entry.Message.Id, entry.Seen)
    {
        Message = entry.Message,
        State = MessageState.Cancelled,
        Events = [Told(EventKind.Cancelled)],
    });

    public static RowChange? Cancel(MessageId id, TenantId tenant, RowFacts seen, Reason reason) => Decide(id, seen, new(id, seen)
    {
        Message = Nameless(id, tenant, default, ""),
        State = MessageState.Cancelled,
        Reason = reason,
        Events = [Told(EventKind.Cancelled)],
    });

    /// <summary>An attempt's outcome against what the row is now; proof and ignorance count only for the attempt that the row is at.</summary>
    public static RowChange? Outcome(OutcomeEntry entry, RowFacts seen)
    {
        var id = entry.Message.Id;
        return entry.Outcome switch
        {
            ClaimOutcome.Taken taken => seen.State != MessageState.Claimed ? null : new RowChange(id, seen)
            {
                State = MessageState.Taken,
                Sid = taken.Sid,
                SeenBits = ReceiptFold.Bit(MessageState.Taken),
                Events = [Told(EventKind.Taken)],
            },
            _ when seen.Attempt != entry.Claimed.Attempt || seen.State is not (MessageState.Claimed or MessageState.Unknown) => null,
            ClaimOutcome.Failed failed => Decide(id, seen, new(id, seen)
            {
                State = MessageState.Failed,
                Reason = failed.Reason,
                Code = failed.Code,
                Verdict = failed.Detail,
                Events = [Told(EventKind.Failed, failed.Code, failed.Detail)],
            }),
            ClaimOutcome.TryAgain again => Decide(id, seen, new(id, seen)
            {
                State = MessageState.Deferred,
                Reason = again.Reason,
                Code = again.Code,
                DueAt = again.DueAt,
                LaneSenderId = again.SenderId,

                // The proof that this attempt was not taken: without it there is no next one.
                Events = [Told(EventKind.Deferred, again.Code, again.Detail)],
            }),
            ClaimOutcome.Unknown unknown => Unknown(id, seen, Reason.None, unknown.Detail),
            _ => throw new UnreachableException("ClaimOutcome is a closed set"),
        };
    }

    public static RowChange? Unknown(MessageId id, RowFacts seen, Reason reason, string detail) => Decide(id, seen, new(id, seen)
    {
        State = MessageState.Unknown,
        Reason = reason,
        Events = [Told(EventKind.Unknown, detail: detail)],
    });

    public static RowChange? Uncertain(MessageId id, RowFacts seen, string detail) => Decide(id, seen, new(id, seen)
    {
        State = MessageState.Uncertain,
        Reason = Reason.NoWord,
        Events = [Told(EventKind.Uncertain, detail: detail)],
    });

    public static RowChange? ByEvidence(EvidenceEntry entry) => entry.Seen.State != MessageState.Unknown ? null : new(entry.Id, entry.Seen)
    {
        State = MessageState.Deferred,
        Reason = Reason.NotListed,
        SeenBits = RowChange.EvidenceBit,
        DueAt = entry.DueAt,
        LaneSenderId = entry.SenderId,
        Events = [Told(EventKind.Deferred, detail: entry.Detail)],
    };

    public static RowChange? NoReceipt(MessageId id, RowFacts seen) => seen.State is not (MessageState.Taken or MessageState.Sent) ? null : new(id, seen)
    {
        State = seen.State,
        Reason = seen.Reason,
        Code = seen.Code,
        NoReceipt = true,
        Events = [Told(EventKind.NoReceipt)],
    };

    /// <summary>A first row of which the request is not known.</summary>
    public static AcceptedMessage Nameless(MessageId id, TenantId tenant, PhoneNumber recipient, string campaign) =>
        new(id, tenant, recipient, default, 0, campaign, "", null, [], []);

    private static RowChange Deferral(DeferEntry entry) => new(entry.Message.Id, entry.Seen)
    {
        Message = entry.Message,
        State = MessageState.Deferred,
        Reason = entry.Reason,
        DueAt = entry.DueAt,
        LaneSenderId = entry.SenderId,

        // Told when the reason changes, not each time round.
        Events = entry.Seen.State == MessageState.Deferred && entry.Seen.Reason == entry.Reason ? [] : [Told(EventKind.Deferred, detail: entry.Detail)],
    };

    private static RowChange? Decide(MessageId id, RowFacts seen, RowChange change) =>
        !MessageStates.MayDecide(seen.State, change.State) || id != change.Id ? null
            : seen.IsByEvidence && change.State is (MessageState.Rejected or MessageState.Cancelled or MessageState.Failed) ? EndedUnsent(seen, change)
            : change;

    /// <summary>Nothing more is sent, but an attempt that ended by evidence may have been: nobody knows.</summary>
    private static RowChange EndedUnsent(RowFacts seen, RowChange ending) => new(ending.Id, seen)
    {
        Message = ending.Message,
        State = MessageState.Uncertain,
        Reason = ending.Reason == Reason.None ? Reason.NoWord : ending.Reason,
        Code = ending.Code,
        Verdict = ending.Verdict,
        Events = [ending.Events[^1] with { Kind = EventKind.Uncertain }],
    };

    private static LedgerEvent Told(EventKind kind, int code = 0, string? detail = null) => new(kind, code, null, detail);
}
