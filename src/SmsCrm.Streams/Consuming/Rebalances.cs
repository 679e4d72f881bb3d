using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace SmsCrm.Streams.Consuming;

/// <summary>What the group gives this consumer and takes away: where reading begins, and what is drained and committed before it ends.</summary>
/// <param name="beforeDrain">Hands what was gathered to the workers: a drain waits for it.</param>
internal sealed class Rebalances(
    IConsumer<byte[]?, byte[]?> client,
    PartitionSet partitions,
    StartFinder starts,
    LogTrust trust,
    StreamsMetrics metrics,
    ILogger logger,
    KafkaOptions kafka,
    ConsumerOptions options,
    Action beforeDrain)
{
    private readonly KeyValuePair<string, object?> _tag = new("consumer", options.Name);

    /// <summary>Set before the client leaves its group: then what is in work was waited for already.</summary>
    public bool IsClosing { get; set; }

    public IEnumerable<TopicPartitionOffset> OnAssigned(List<TopicPartition> assigned)
    {
        metrics.Rebalances.Add(1, _tag, new("kind", "assigned"));
        var replaced = trust.AskAndHear(StartFinder.BrokerTimeout);
        ReadFromTheBeginning(replaced);
        var found = starts.Find(assigned, replaced);
        foreach (var start in found)
        {
            partitions.Add(start.TopicPartition, start.Offset.IsSpecial ? null : start.Offset.Value);
        }

        return found;
    }

    public void OnRevoked(List<TopicPartitionOffset> revoked)
    {
        metrics.Rebalances.Add(1, _tag, new("kind", "revoked"));
        var ours = revoked.Select(p => partitions.Find(p.TopicPartition)).OfType<AssignedPartition>().ToList();
        if (!IsClosing)
        {
            beforeDrain();
            partitions.Drain(ours, TimeSpan.FromMilliseconds(Math.Min(options.DrainTimeoutMs, kafka.EffectiveSessionTimeoutMs / 4)));
        }

        partitions.ApplyCompletions();
        if (trust.IsGiven)
        {
            partitions.StoreOffsets(client);
            partitions.Commit(client, ours);
        }

        foreach (var partition in ours)
        {
            Log.Revoked(logger, options.Name, partition.Name.Topic, partition.Name.Partition.Value, partition.Window.Watermark, partition.Window.Count);
            partitions.Remove(partition.Name);
        }
    }

    public void OnLost(List<TopicPartitionOffset> lost)
    {
        metrics.Rebalances.Add(1, _tag, new("kind", "lost"));
        partitions.ApplyCompletions();
        foreach (var partition in lost.Select(p => partitions.Remove(p.TopicPartition)).OfType<AssignedPartition>())
        {
            Log.Lost(logger, options.Name, partition.Name.Topic, partition.Name.Partition.Value, partition.Window.Watermark, partition.Window.Count);
        }
    }

    /// <summary>Partitions that we have of logs which are others now begin anew; what is in work of them belongs to the past.</summary>
    public void ReadFromTheBeginning(IReadOnlySet<string> replaced)
    {
        foreach (var partition in partitions.All.Where(p => replaced.Contains(p.Name.Topic)))
        {
            starts.ReportAnotherLog(partition.Name, 0);
            partitions.Restart(partition, 0);
            partition.StartIsKnown = false;
            partition.NeedsSeek = true;
        }
    }
}
