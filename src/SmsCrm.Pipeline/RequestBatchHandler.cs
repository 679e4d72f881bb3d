using Google.Protobuf;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Streams.Consuming;

namespace SmsCrm.Pipeline;

/// <summary>The records of <c>sms.requests.*</c> on their way into the pipeline, each message once.</summary>
public sealed class RequestBatchHandler : IRecordBatchHandler
{
    private readonly SendPipeline _pipeline;
    private readonly UnreadableRequests _unreadable;

    internal RequestBatchHandler(SendPipeline pipeline, UnreadableRequests unreadable)
    {
        _pipeline = pipeline;
        _unreadable = unreadable;
    }

    /// <summary>Returns when every record is complete, or its message rests for a moment and completes it then.</summary>
    public async Task HandleAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        var items = new Dictionary<MessageId, SendItem>(batch.Count);
        foreach (var record in batch)
        {
            try
            {
                Add(items, record);
            }
            catch (Exception e) when (e is FormatException or InvalidProtocolBufferException)
            {
                // Before anything else of the batch has begun: what fails here hands the whole batch over again.
                await _unreadable.EndAsync(record, e.Message, cancellationToken).ConfigureAwait(false);
            }
        }

        await _pipeline.RunAsync([.. items.Values], cancellationToken).ConfigureAwait(false);
    }

    private void Add(Dictionary<MessageId, SendItem> items, ConsumedRecord record)
    {
        var serialised = record.Value.ToArray();
        var request = RequestRecord.Parser.ParseFrom(serialised);
        var message = AcceptedMessage.From(request, serialised);
        if (items.TryGetValue(message.Id, out var first))
        {
            first.AlsoSettles(record.Complete);
        }
        else
        {
            items.Add(message.Id, new SendItem(message, request, record.Complete)
            {
                DeadLetter = (why, cancellation) => _unreadable.EndAsync(record, why, cancellation),
            });
        }
    }
}
