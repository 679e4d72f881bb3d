using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Reconciliation;

/// <summary>
/// What nobody finished. A claim past its time leaves <c>unknown</c> what is still claimed; what nobody's word has resolved by then ends
/// as <c>uncertain</c>, never as a second POST: only the provider's own word proves anything (docs/adr/0004-what-evidence-risks.md).
/// </summary>
internal sealed class UnfinishedClaims(
    ILedgerReads reads,
    IMessageLedger ledger,
    ReconciliationOptions options,
    ReconciliationMetrics metrics,
    ILogger<UnfinishedClaims> logger)
{
    private const string ClaimLost = """{"sentence":"The worker that claimed it said nothing of its POST in time."}""";
    private const string NobodyKnows = """{"sentence":"Neither our POST nor the provider has said whether it was sent. It counts as sent until a word comes."}""";

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

            var unknown = rows.Where(row => row.Facts.State == MessageState.Unknown).Select(row => (row.Id, row.Facts)).ToList();
            var results = await ledger.MarkUncertainAsync(unknown, NobodyKnows, cancellation).ConfigureAwait(false);
            visited.Add(batch);
            if (Count(results) is > 0 and var uncertain)
            {
                metrics.Uncertain(uncertain);
                Log.Uncertain(logger, uncertain, unknown[0].Id);
            }
        }

        await MarkAsync(ReconcilerVisit.Unresolved, visited, cancellation).ConfigureAwait(false);
        return visited.Count;
    }

    /// <summary>Unknown for less than its time (it was found late), or still claimed by this very batch.</summary>
    private bool IsTooYoung(LedgerRow row, ClaimedBatch batch, DateTimeOffset now) => row.Facts.State == MessageState.Unknown
        ? row.UpdatedAt + UnknownFor > now
        : row.UpdatedAt <= batch.At;

    private Task MarkAsync(ReconcilerVisit visit, IReadOnlyList<ClaimedBatch> batches, CancellationToken cancellation) =>
        batches.Count == 0 ? Task.CompletedTask : reads.MarkVisitedAsync(visit, batches[^1].At, cancellation);

    private static int Count(IReadOnlyList<EntryResult> results) => results.Count(result => result.Result == TransitionResult.Won);
}
