using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace SmsCrm.Streams.Consuming;

/// <summary>The partitions that this consumer owns now, with their windows. The consumer's thread alone uses it.</summary>
internal sealed class PartitionSet(ConsumerOptions options, StreamsMetrics metrics, ILogger logger, TimeProvider time)
{
    private readonly Dictionary<TopicPartition, AssignedPartition> _partitions = [];
    private readonly ConcurrentQueue<ConsumedRecord> _completions = new();
    private readonly KeyValuePair<string, object?> _tag = new("consumer", options.Name);
    private AssignedPartition? _last;
    private long _epoch;

    public IReadOnlyCollection<AssignedPartition> All => _partitions.Values;

    public int InWork => _partitions.Values.Sum(static p => p.Window.Count);

    /// <param name="start">Null where the broker did not say: then the first record tells.</param>
    public void Add(TopicPartition name, long? start)
    {
        var window = new PartitionWindow(options.WindowSize, ++_epoch, start ?? 0);
        _partitions[name] = new AssignedPartition(name, window, _completions)
        {
            StartIsKnown = start is not null,
            // The client keeps a pause beyond the assignment in which it was asked for: so it is told in any case.
            IsPaused = true,
        };
        _last = null;
    }

    public AssignedPartition? Find(TopicPartition name)
    {
        if (_last is { } last && last.Name.Partition == name.Partition && last.Name.Topic == name.Topic)
        {
            return last;
        }

        return _partitions.TryGetValue(name, out var found) ? _last = found : null;
    }

    /// <summary>Ends the assignment; null where it had ended before.</summary>
    public AssignedPartition? Remove(TopicPartition name)
    {
        _last = null;
        if (_partitions.Remove(name, out var partition))
        {
            partition.End();
            metrics.Remove(new PartitionKey(options.Name, name.Topic, name.Partition.Value));
        }

        return partition;
    }

    public void Restart(AssignedPartition partition, long position) => partition.Restart(++_epoch, position);

    /// <summary>Takes up what the workers completed since the last time.</summary>
    public void ApplyCompletions()
    {
        while (_completions.TryDequeue(out var record))
        {
            if (record.Owner.CurrentEpoch != record.Epoch ||
                record.Owner.Window.Complete(record.Epoch, record.Sequence) == CompletionOutcome.Stale)
            {
                metrics.StaleCompletions.Add(1, _tag);
            }
        }
    }

    /// <summary>Gives the client the offsets that may be committed.</summary>
    public void StoreOffsets(IConsumer<byte[]?, byte[]?> client)
    {
        foreach (var partition in _partitions.Values)
        {
            var watermark = partition.Window.Watermark;
            if (watermark <= partition.StoredOffset)
            {
                continue;
            }

            try
            {
                client.StoreOffset(new TopicPartitionOffset(partition.Name, watermark));
                partition.StoredOffset = watermark;
            }
            catch (KafkaException e)
            {
                // Taken away at this very moment: the records are read again by the next owner.
                Log.CommitFailed(logger, options.Name, e.Error.Reason);
            }
        }
    }

    /// <summary>Commits what was stored, and waits for the group's answer.</summary>
    public ErrorCode Commit(IConsumer<byte[]?, byte[]?> client, IEnumerable<AssignedPartition> partitions)
    {
        var due = partitions.Where(static p => p.StoredOffset > p.CommittedOffset).ToList();
        if (due.Count == 0)
        {
            return ErrorCode.NoError;
        }

        try
        {
            client.Commit(due.Select(static p => new TopicPartitionOffset(p.Name, p.StoredOffset)));
            due.ForEach(static p => p.CommittedOffset = p.StoredOffset);
            return ErrorCode.NoError;
        }
        catch (KafkaException e)
        {
            Log.CommitFailed(logger, options.Name, e.Error.Reason);
            return e.Error.Code;
        }
    }

    /// <summary>Waits until nothing of these is in work, or the time is over; completions are taken up meanwhile.</summary>
    public void Drain(IReadOnlyCollection<AssignedPartition> partitions, TimeSpan timeout)
    {
        using var never = new ManualResetEventSlim(initialState: false);
        var since = time.GetTimestamp();
        ApplyCompletions();
        while (!partitions.All(static p => p.Window.IsEmpty) && time.GetElapsedTime(since) < timeout)
        {
            never.Wait(2);
            ApplyCompletions();
        }
    }

    /// <summary>Pauses what may not be read now and resumes what may.</summary>
    public void ApplyPauses(IConsumer<byte[]?, byte[]?> client, bool holdAll)
    {
        foreach (var partition in _partitions.Values)
        {
            partition.IsWindowHeld = partition.IsWindowHeld ? !partition.Window.IsHalfEmpty : partition.Window.IsFull;
            var hold = holdAll || partition.IsWindowHeld || partition.NeedsSeek;
            if (hold == partition.IsPaused)
            {
                continue;
            }

            try
            {
                if (hold)
                {
                    client.Pause([partition.Name]);
                }
                else
                {
                    client.Resume([partition.Name]);
                }

                partition.IsPaused = hold;
            }
            catch (KafkaException e)
            {
                Log.ClientError(logger, options.Name, e.Error.Code.ToString(), e.Error.Reason);
            }
        }
    }

    /// <summary>Publishes lag and fill, and says how long the oldest record has been in work.</summary>
    public (TimeSpan Age, AssignedPartition? Partition) Measure(IConsumer<byte[]?, byte[]?> client)
    {
        (TimeSpan Age, AssignedPartition? Partition) oldest = default;
        foreach (var partition in _partitions.Values)
        {
            var high = client.GetWatermarkOffsets(partition.Name).High.Value;
            var lag = Math.Max(0, high - partition.Window.Watermark);
            var unread = Math.Max(0, high - partition.Window.NextOffset);
            var (topic, number) = (partition.Name.Topic, partition.Name.Partition.Value);
            metrics.Set(
                new PartitionKey(options.Name, topic, number),
                new PartitionReading(lag, (double)partition.Window.Count / partition.Window.Capacity, unread * metrics.BatchSizes.BytesPerRecord(topic)));
            if (partition.Window.OldestDeliveredAt is { } at && time.GetElapsedTime(at) is var age && age > oldest.Age)
            {
                oldest = (age, partition);
            }
        }

        return oldest;
    }
}
