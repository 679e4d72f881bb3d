using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using SmsCrm.Contracts.V1;
using SmsCrm.Streams.Consuming;
using SmsCrm.Streams.Producing;

namespace SmsCrm.Streams.DeadLetters;

/// <summary>
/// The one writer of <c>sms.deadletter</c>: what can't be read stands there as it came, with its key and headers and the reason, and the rest
/// goes on.
/// </summary>
public sealed class DeadLetterBox
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly RecordProducer _producer;
    private readonly TimeProvider _time;
    private readonly ILogger<DeadLetterBox> _logger;

    internal DeadLetterBox(RecordProducer producer, TimeProvider time, ILogger<DeadLetterBox> logger)
    {
        _producer = producer;
        _time = time;
        _logger = logger;
    }

    /// <summary>
    /// Ends when the letter is acknowledged, and tries until it is: the record must not be completed before, or nobody would have it.
    /// Completing it is the caller's.
    /// </summary>
    /// <param name="why">For the person who reads the letters: the field, and what is wrong with it.</param>
    public async Task PutAsync(ConsumedRecord record, string why, CancellationToken cancellation)
    {
        Log.Unreadable(_logger, record.Topic, record.Partition, record.Offset, why);
        var letter = new DeadLetterRecord
        {
            Topic = record.Topic,
            Partition = record.Partition,
            Offset = record.Offset,
            Key = ByteString.CopyFrom(record.Key.Span),
            Value = ByteString.CopyFrom(record.Value.Span),
            Reason = why,
            At = Timestamp.FromDateTimeOffset(_time.GetUtcNow()),
        };
        var outgoing = new OutgoingRecord(Contracts.Topics.DeadLetter, record.Key.ToArray(), letter.ToByteArray(), record.CopyHeaders());
        while (await _producer.ProduceAsync(outgoing, cancellation).ConfigureAwait(false) is { IsAcknowledged: false } failed)
        {
            Log.DeadLetterNotAppended(_logger, failed.Reason);
            await Task.Delay(Pause, _time, cancellation).ConfigureAwait(false);
        }
    }
}
