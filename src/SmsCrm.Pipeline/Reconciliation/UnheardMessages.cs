using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Reconciliation;

/// <summary>
/// What the provider took and never spoke of again: callbacks that are lost are lost, so past the polling bound it is asked. Each claimed
/// batch is visited once; what still has no final word then is marked <em>no receipt</em>, and any later word removes the mark.
/// </summary>
internal sealed class UnheardMessages(
    ILedgerReads reads,
    IMessageLedger ledger,
    ISmsProvider provider,
    ProviderDirectory directory,
    ReconciliationOptions options,
    ReconciliationMetrics metrics)
{
    private static readonly MessageState[] WithoutAFinalWord = [MessageState.Taken, MessageState.Sent];

    /// <returns>How many batches were visited.</returns>
    public async Task<int> VisitAsync(CancellationToken cancellation)
    {
        var bound = TimeSpan.FromSeconds(options.PollAfterSeconds);
        var batches = await reads.ReadClaimsAsync(ReconcilerVisit.Unheard, bound, options.BatchesAtOnce, cancellation).ConfigureAwait(false);
        foreach (var batch in batches)
        {
            var rows = await reads.ReadRowsInAsync(batch.Messages, WithoutAFinalWord, cancellation).ConfigureAwait(false);
            if (rows.Count > 0)
            {
                await AskAsync(rows, cancellation).ConfigureAwait(false);
            }
        }

        if (batches.Count > 0)
        {
            await reads.MarkVisitedAsync(ReconcilerVisit.Unheard, batches[^1].At, cancellation).ConfigureAwait(false);
        }

        return batches.Count;
    }

    private async Task AskAsync(IReadOnlyList<LedgerRow> rows, CancellationToken cancellation)
    {
        var receipts = new ReceiptEntry?[rows.Count];
        await Parallel.ForAsync(
            0,
            rows.Count,
            new ParallelOptions { MaxDegreeOfParallelism = options.PollConcurrency, CancellationToken = cancellation },
            async (i, token) => receipts[i] = await FetchAsync(rows[i], token).ConfigureAwait(false)).ConfigureAwait(false);
        var heard = receipts.OfType<ReceiptEntry>().ToList();
        await ledger.ApplyReceiptsAsync(heard, cancellation).ConfigureAwait(false);
        metrics.Polled(rows.Count, heard.Count);

        var silent = await reads.ReadRowsInAsync([.. rows.Select(row => row.Id)], WithoutAFinalWord, cancellation).ConfigureAwait(false);
        await ledger.MarkNoReceiptAsync([.. silent.Select(row => (row.Id, row.Facts))], cancellation).ConfigureAwait(false);
        metrics.NoReceipt(silent.Count);
    }

    private async Task<ReceiptEntry?> FetchAsync(LedgerRow row, CancellationToken cancellation)
    {
        if (row is not { Sid: { } sid, AccountId: { } account } || directory.Current.Account(account) is not { } entry)
        {
            return null;
        }

        return await provider.FetchAsync(entry.Account, sid, cancellation).ConfigureAwait(false) is { } said
            ? new ReceiptEntry(row.Id, row.Tenant, row.Facts.Attempt, sid, said.Status, said.ErrorCode ?? 0, null, row.Recipient)
            : null;
    }
}
