using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Streams.Consuming;
using SmsCrm.Streams.DeadLetters;

namespace SmsCrm.Pipeline.Receipts;

/// <summary>Applies batches of <c>sms.events</c> to the ledger. Any replay changes nothing: the ledger knows which word it has.</summary>
internal sealed class ReceiptsHandler(
    IMessageLedger ledger, DeadLetterBox letters, ReceiptsMetrics metrics, ILogger<ReceiptsHandler> logger) : IRecordBatchHandler
{
    public async Task HandleAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        var entries = new List<ReceiptEntry>(batch.Count);
        var records = new List<ConsumedRecord>(batch.Count);
        foreach (var record in batch)
        {
            try
            {
                entries.Add(ReceiptReader.Read(record.Value.Span));
                records.Add(record);
            }
            catch (FormatException unusable)
            {
                await BuryAsync(record, unusable.Message, cancellationToken).ConfigureAwait(false);
            }
        }

        if (entries.Count > 0)
        {
            var results = await ledger.ApplyReceiptsAsync(entries, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < results.Count; i++)
            {
                await EndAsync(records[i], results[i], cancellationToken).ConfigureAwait(false);
            }

            metrics.Applied(results);
        }
    }

    private async ValueTask EndAsync(ConsumedRecord record, EntryResult result, CancellationToken cancellation)
    {
        switch (result.Result)
        {
            case TransitionResult.Unusable:
                await BuryAsync(record, "the ledger can't hold it", cancellation).ConfigureAwait(false);
                return;
            case TransitionResult.NotFound:
                Log.NoSuchMessage(logger, result.Id.Value);
                break;
        }

        record.Complete();
    }

    private async Task BuryAsync(ConsumedRecord record, string why, CancellationToken cancellation)
    {
        metrics.Unreadable.Add(1);
        await letters.PutAsync(record, why, cancellation).ConfigureAwait(false);
        record.Complete();
    }
}
