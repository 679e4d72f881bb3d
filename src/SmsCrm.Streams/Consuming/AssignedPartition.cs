using System.Collections.Concurrent;
using Confluent.Kafka;

namespace SmsCrm.Streams.Consuming;

/// <summary>
/// One partition while this consumer owns it. The consumer's thread alone changes it; <see cref="CurrentEpoch"/> and
/// <see cref="Post"/> are for the workers.
/// </summary>
internal sealed class AssignedPartition(TopicPartition name, PartitionWindow window, ConcurrentQueue<ConsumedRecord> completions)
{
    private long _currentEpoch = window.Epoch;

    public TopicPartition Name { get; } = name;

    public PartitionWindow Window { get; } = window;

    /// <summary>The offset last given to the client for committing; nothing was where it equals the start.</summary>
    public long StoredOffset { get; set; } = window.Watermark;

    /// <summary>What we last committed ourselves; the client commits by its timer too.</summary>
    public long CommittedOffset { get; set; } = window.Watermark;

    /// <summary>False until the start is known from the broker: then the first record that comes tells it.</summary>
    public bool StartIsKnown { get; set; }

    /// <summary>Whether the client still has to be sent to the beginning of the log.</summary>
    public bool NeedsSeek { get; set; }

    /// <summary>Whether the client was told to pause it.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Whether its window was full and is not half empty yet.</summary>
    public bool IsWindowHeld { get; set; }

    /// <summary>The epoch whose records are still wanted; -1 once the partition was taken away.</summary>
    public long CurrentEpoch => Volatile.Read(ref _currentEpoch);

    public void Post(ConsumedRecord record) => completions.Enqueue(record);

    public void End() => Volatile.Write(ref _currentEpoch, -1);

    /// <summary>The log begins anew (another log, or another start in it): what is in work belongs to the past.</summary>
    public void Restart(long epoch, long position)
    {
        Window.Restart(epoch, position);
        StoredOffset = position;
        CommittedOffset = position;
        IsWindowHeld = false;
        Volatile.Write(ref _currentEpoch, epoch);
    }
}
