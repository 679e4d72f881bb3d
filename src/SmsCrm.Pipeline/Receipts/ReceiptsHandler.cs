using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using SmsCrm.Contracts;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Streams.Consuming;
using SmsCrm.Streams.Producing;

namespace SmsCrm.Pipeline.Receipts;

/// <summary>Applies batches of <c>sms.events</c> to the ledger. Any replay changes nothing: the ledger knows which word it has.</summary>
internal sealed class ReceiptsHandler(
    IMessageLedger ledger, RecordProducer producer, ReceiptsMetrics metrics, TimeProvider time, ILogger<ReceiptsHandler> logger) : IRecordBatchHandler
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

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
        Log.Unreadable(logger, record.Topic, record.Partition, record.Offset, why);
        metrics.Unreadable.Add(1);
        var letter = new DeadLetterRecord
        {
            Topic = record.Topic,
            Partition = record.Partition,
            Offset = record.Offset,
            Key = ByteString.CopyFrom(record.Key.Span),
            Value = ByteString.CopyFrom(record.Value.Span),
            Reason = why,
            At = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
        };
        var outgoing = new OutgoingRecord(Topics.DeadLetter, record.Key.ToArray(), letter.ToByteArray(), record.CopyHeaders());
        while (await producer.ProduceAsync(outgoing, cancellation).ConfigureAwait(false) is { IsAcknowledged: false } failed)
        {
            Log.DeadLetterNotAppended(logger, failed.Reason);
            await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
        }

        record.Complete();
    }
}
