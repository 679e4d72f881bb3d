using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Reconciliation;

/// <summary>
/// What nobody finished. A claim past its time leaves <c>unknown</c> what is still claimed. What nobody's word has resolved by then is looked for in the
/// provider's list; what is not there ends as <c>uncertain</c>, never as a second POST, but where its tenant lets evidence count
/// (<see cref="EvidenceVisits"/>).
/// </summary>
internal sealed class UnfinishedClaims(
    ILedgerReads reads,
    IMessageLedger ledger,
    AttemptReads attempts,
    ProviderList list,
    EvidenceVisits evidence,
    EvidenceClock evidenceClock,
    UnknownOutcomes outcomes,
    ReconciliationOptions options,
    ReconciliationMetrics metrics)
{
    private const string ClaimLost = """{"gate":"reconciler","sentence":"The worker that claimed it said nothing of its POST in time."}""";

    private TimeSpan ClaimAge => TimeSpan.FromSeconds(options.ClaimAgeSeconds);

    private TimeSpan UnknownFor => TimeSpan.FromSeconds(options.UncertainAfterSeconds);

    /// <returns>How many batches were visited.</returns>
    public async Task<int> VisitUnfinishedAsync(CancellationToken cancellation)
    {
        var batches = await reads.ReadClaimsAsync(ReconcilerVisit.Unfinished, ClaimAge, options.BatchesAtOnce, cancellation).ConfigureAwait(false);
        foreach (var batch in batches)
        {
            var rows = await reads.ReadRowsInAsync(batch.Messages, [MessageState.Claimed], cancellation).ConfigureAwait(false);

            // A message that was released and claimed again meanwhile is in a younger batch, which is visited in its own time.
            var left = rows.Where(row => row.UpdatedAt <= batch.At).Select(row => (row.Id, row.Facts)).ToList();
            var results = await ledger.MarkUnknownAsync(left, ClaimLost, cancellation).ConfigureAwait(false);
            metrics.Unknown(Count(results));
        }

        await MarkAsync(ReconcilerVisit.Unfinished, batches, cancellation).ConfigureAwait(false);
        return batches.Count;
    }

    /// <summary>Comes after <see cref="VisitUnfinishedAsync"/> in every round, so that a batch is never resolved before it was found unfinished.</summary>
    public async Task<int> VisitUnresolvedAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var batches = await reads.ReadClaimsAsync(ReconcilerVisit.Unresolved, ClaimAge + UnknownFor, options.BatchesAtOnce, cancellation).ConfigureAwait(false);
        var visited = new List<ClaimedBatch>(batches.Count);
        foreach (var batch in batches)
        {
            var rows = await reads.ReadRowsInAsync(batch.Messages, [MessageState.Claimed, MessageState.Unknown], cancellation).ConfigureAwait(false);
            if (rows.Any(row => IsTooYoung(row, batch, now)))
            {
                // The mark must not pass it: the rest waits with it.
                break;
            }

            await ResolveAsync([.. rows.Where(row => row.Facts.State == MessageState.Unknown)], cancellation).ConfigureAwait(false);
            visited.Add(batch);
        }

        await MarkAsync(ReconcilerVisit.Unresolved, visited, cancellation).ConfigureAwait(false);
        return visited.Count;
    }

    private async Task ResolveAsync(IReadOnlyList<LedgerRow> unknown, CancellationToken cancellation)
    {
        var open = await attempts.ReadAsync(unknown, cancellation).ConfigureAwait(false);
        var answers = await list.AskAsync(open, cancellation).ConfigureAwait(false);
        await outcomes.BindAsync(
            open.Where(attempt => answers[attempt.Id] is ListAnswer.Found).Select(attempt => (attempt, (ListAnswer.Found)answers[attempt.Id])),
            cancellation).ConfigureAwait(false);
        var left = unknown.Where(row => answers.GetValueOrDefault(row.Id) is not ListAnswer.Found).ToList();
        foreach (var row in left.Where(row => evidence.Allows(row.Tenant)))
        {
            evidenceClock.Note(row.Id, row.Facts.Attempt);
        }

        await outcomes.EndAsUncertainAsync(
            [.. left.Where(row => !evidence.Allows(row.Tenant)).Select(row => (row.Id, row.Facts))], cancellation).ConfigureAwait(false);
    }

    /// <summary>Unknown for less than its time (it was found late), or still claimed by this very batch.</summary>
    private bool IsTooYoung(LedgerRow row, ClaimedBatch batch, DateTimeOffset now) => row.Facts.State == MessageState.Unknown
        ? row.UpdatedAt + UnknownFor > now
        : row.UpdatedAt <= batch.At;

    private Task MarkAsync(ReconcilerVisit visit, IReadOnlyList<ClaimedBatch> batches, CancellationToken cancellation) =>
        batches.Count == 0 ? Task.CompletedTask : reads.MarkVisitedAsync(visit, batches[^1].At, cancellation);

    private static int Count(IReadOnlyList<EntryResult> results) => results.Count(result => result.Result == TransitionResult.Won);
}
