using Confluent.Kafka;

namespace SmsCrm.Streams.Reading;

/// <summary>A record as it stands in the log.</summary>
public sealed class LoggedRecord
{
    private readonly Headers? _headers;

    internal LoggedRecord(ConsumeResult<byte[]?, byte[]?> result)
    {
        Topic = result.Topic;
        Partition = result.Partition.Value;
        Offset = result.Offset.Value;
        Value = result.Message.Value;
        _headers = result.Message.Headers;
    }

    public string Topic { get; }

    public int Partition { get; }

    public long Offset { get; }

    /// <summary>Empty where the record has no value.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>The value of the last header of that name; false where there is none.</summary>
    public bool TryGetHeader(string name, out ReadOnlyMemory<byte> value)
    {
        if (_headers is not null && _headers.TryGetLastBytes(name, out var bytes))
        {
            value = bytes;
            return true;
        }

        value = default;
        return false;
    }
}

/// <summary>What was read of a partition: the offsets from <paramref name="First"/> up to before <paramref name="End"/>.</summary>
/// <param name="First">The earliest that the log still has; above 0 where it has dropped some.</param>
public sealed record ReadPartition(string Topic, int Partition, long First, long End);
