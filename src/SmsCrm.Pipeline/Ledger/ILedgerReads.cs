using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>The reconciler's visits to every claimed batch; each has a mark of its own in the ledger.</summary>
public enum ReconcilerVisit
{
    /// <summary>Past 30 s: what is still claimed becomes unknown.</summary>
    Unfinished,

    /// <summary>30 s later: what is still unknown is looked for in the provider's list, and else becomes uncertain, or waits for evidence where that is allowed.</summary>
    Unresolved,

    /// <summary>Past the polling bound: what has no final word is asked for.</summary>
    Unheard,

    /// <summary>Past the time that absence from the provider's list must last to count: what is still unknown of tenants that let it count is decided.</summary>
    Evidence,
}

/// <summary>One claimed batch.</summary>
/// <param name="At">Postgres' time of the claim's transaction.</param>
public sealed record ClaimedBatch(DateTimeOffset At, Guid Batch, Guid Worker, IReadOnlyList<MessageId> Messages);

/// <summary>A row as the reconciler needs it.</summary>
/// <param name="Facts">What a transition of it is judged against.</param>
public sealed record LedgerRow(
    MessageId Id,
    TenantId Tenant,
    PhoneNumber Recipient,
    RowFacts Facts,
    ProviderSid? Sid,
    Guid? AccountId,
    Guid? SenderId,
    DateTimeOffset UpdatedAt);

/// <summary>What the reconciler reads of the ledger, and where it marks how far it came. Every answer is bounded.</summary>
public interface ILedgerReads
{
    /// <summary>
    /// The batches after the visit's mark that are at least <paramref name="age"/> old by Postgres' clock (30 s or more, so that none of
    /// them can still be uncommitted), oldest first; at most <paramref name="limit"/>, and those of the last one's instant.
    /// </summary>
    Task<IReadOnlyList<ClaimedBatch>> ReadClaimsAsync(ReconcilerVisit visit, TimeSpan age, int limit, CancellationToken cancellation);

    /// <summary>All batches up to that instant were visited; a mark never goes back.</summary>
    Task MarkVisitedAsync(ReconcilerVisit visit, DateTimeOffset at, CancellationToken cancellation);

    /// <summary>Those of the rows, at most 10,000 ids, that are in one of the states.</summary>
    Task<IReadOnlyList<LedgerRow>> ReadRowsInAsync(
        IReadOnlyCollection<MessageId> ids, IReadOnlyCollection<MessageState> states, CancellationToken cancellation);

    /// <summary>The lowest id that a record may have: what lies below it is dead-lettered before it joins a batch, its row may be gone.</summary>
    Task<MessageId> ReadFloorAsync(CancellationToken cancellation);
}
