using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Reconciliation;

/// <summary>How attempts that nobody knows of are ended, and what is counted and told of it.</summary>
internal sealed class UnknownOutcomes(IMessageLedger ledger, ReconciliationMetrics metrics, TimeProvider clock, ILogger<UnknownOutcomes> logger)
{
    private const string NobodyKnows = """{"gate":"reconciler","sentence":"Neither our POST nor the provider has said whether it was sent. It counts as sent until a word comes."}""";

    private const string Listed =
        """{"gate":"evidence","sentence":"The provider did not answer, and its list does not show the text. It is sent again, as you allow it."}""";

    /// <summary>The list's word, as if a callback had brought it.</summary>
    public async Task BindAsync(IEnumerable<(OpenAttempt Attempt, ListAnswer.Found Found)> found, CancellationToken cancellation)
    {
        var words = found.Select(pair => new ReceiptEntry(
            pair.Attempt.Id,
            pair.Attempt.Row.Tenant,
            pair.Attempt.Row.Facts.Attempt,
            pair.Found.Text.Sid,
            pair.Found.Text.Status,
            pair.Found.Text.ErrorCode ?? 0,
            pair.Found.Text.CreatedAt,
            pair.Attempt.Row.Recipient)).ToList();
        if (words.Count > 0)
        {
            metrics.Listed(Count(await ledger.ApplyReceiptsAsync(words, cancellation).ConfigureAwait(false)));
        }
    }

    public async Task EndAsUncertainAsync(IReadOnlyList<(MessageId Id, RowFacts Facts)> unknown, CancellationToken cancellation)
    {
        if (unknown.Count == 0)
        {
            return;
        }

        var results = await ledger.MarkUncertainAsync(unknown, NobodyKnows, cancellation).ConfigureAwait(false);
        if (Count(results) is > 0 and var uncertain)
        {
            metrics.Uncertain(uncertain);
            Log.Uncertain(logger, uncertain, unknown[0].Id);
        }
    }

    public async Task ReleaseAsync(IReadOnlyList<LedgerRow> absent, CancellationToken cancellation)
    {
        if (absent.Count == 0)
        {
            return;
        }

        var entries = absent.Select(row => new EvidenceEntry(row.Id, row.Facts, row.SenderId ?? Guid.Empty, clock.GetUtcNow(), Listed)).ToList();
        var released = Count(await ledger.ReleaseByEvidenceAsync(entries, cancellation).ConfigureAwait(false));
        metrics.ByEvidence(released);
        Log.ByEvidence(logger, released, absent[0].Id);
    }

    private static int Count(IReadOnlyList<EntryResult> results) => results.Count(result => result.Result == TransitionResult.Won);
}
