using Confluent.Kafka;

namespace SmsCrm.Streams.Consuming;

/// <summary>One record as it came from Kafka. <see cref="Complete"/> may be called from any thread, once or more often.</summary>
public sealed class ConsumedRecord
{
    private readonly Message<byte[]?, byte[]?> _message;
    private readonly AssignedPartition _partition;
    private readonly long _epoch;
    private readonly long _sequence;
    private int _completed;

    internal ConsumedRecord(AssignedPartition partition, long sequence, long offset, Message<byte[]?, byte[]?> message)
    {
        _partition = partition;
        _epoch = partition.Window.Epoch;
        _sequence = sequence;
        _message = message;
        Offset = offset;
    }

    public string Topic => _partition.Name.Topic;

    public int Partition => _partition.Name.Partition.Value;

    public long Offset { get; }

    /// <summary>Empty where the record has no key.</summary>
    public ReadOnlyMemory<byte> Key => _message.Key;

    /// <summary>Empty where the record has no value.</summary>
    public ReadOnlyMemory<byte> Value => _message.Value;

    /// <summary>When the producer made the record (by its own clock), in Unix milliseconds.</summary>
    public long TimestampMs => _message.Timestamp.UnixTimestampMs;

    /// <summary>False once it is complete, or when its partition was given to another consumer, who gets it again.</summary>
    internal bool IsWanted => Volatile.Read(ref _completed) == 0 && _partition.CurrentEpoch == _epoch;

    internal AssignedPartition Owner => _partition;

    internal long Epoch => _epoch;

    internal long Sequence => _sequence;

    /// <summary>The value of the last header of that name; false where there is none.</summary>
    public bool TryGetHeader(string name, out ReadOnlyMemory<byte> value)
    {
        if (_message.Headers is { } headers && headers.TryGetLastBytes(name, out var bytes))
        {
            value = bytes;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>All headers in their order, for handing an unreadable record on.</summary>
    public IReadOnlyList<RecordHeader> CopyHeaders() =>
        _message.Headers is { } headers ? [.. headers.Select(static h => new RecordHeader(h.Key, h.GetValueBytes() ?? []))] : [];

    /// <summary>
    /// Says that the ledger holds what became of this record: its offset may be passed. Of a record whose partition was
    /// taken away meanwhile it is ignored.
    /// </summary>
    public void Complete()
    {
        if (Interlocked.Exchange(ref _completed, 1) == 0)
        {
            _partition.Post(this);
        }
    }
}
