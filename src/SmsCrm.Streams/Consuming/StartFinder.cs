using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace SmsCrm.Streams.Consuming;

/// <summary>Finds where partitions begin, and reports what is wrong with their logs. The consumer's thread alone uses it.</summary>
internal sealed class StartFinder(IConsumer<byte[]?, byte[]?> client, ConsumerOptions options, StreamsMetrics metrics, ILogger logger)
{
    public static readonly TimeSpan BrokerTimeout = TimeSpan.FromSeconds(3);

    /// <summary>The start of each partition; <see cref="Offset.Unset"/> where the broker did not say.</summary>
    /// <param name="replaced">Topics that this process has known under another id.</param>
    public List<TopicPartitionOffset> Find(List<TopicPartition> partitions, IReadOnlySet<string> replaced)
    {
        try
        {
            var committed = client.Committed(partitions, BrokerTimeout);
            return [.. committed.Select(c => Find(c, replaced.Contains(c.Topic)))];
        }
        catch (KafkaException e)
        {
            Log.ClientError(logger, options.Name, e.Error.Code.ToString(), e.Error.Reason);
            return [.. partitions.Select(static p => new TopicPartitionOffset(p, Offset.Unset))];
        }
    }

    /// <summary>Sends the client to the beginning of the logs that were found to be others.</summary>
    public void SeekToBeginning(IEnumerable<AssignedPartition> partitions)
    {
        foreach (var partition in partitions.Where(static p => p.NeedsSeek))
        {
            try
            {
                client.Seek(new TopicPartitionOffset(partition.Name, Offset.Beginning));
                partition.NeedsSeek = false;
            }
            catch (KafkaException e)
            {
                // Not fetching yet: tried again at the next upkeep.
                Log.ClientError(logger, options.Name, e.Error.Code.ToString(), e.Error.Reason);
            }
        }
    }

    public void ReportAnotherLog(TopicPartition partition, long offset)
    {
        metrics.OtherLogs.Add(1, new("consumer", options.Name), new("topic", partition.Topic));
        Log.AnotherLog(logger, options.Name, partition.Topic, partition.Partition.Value, offset);
        options.OnLogTrouble?.Invoke(new LogTrouble(LogTroubleKind.AnotherLog, partition.Topic, partition.Partition.Value, offset, 0));
    }

    /// <summary>A gap is nothing where a transaction's marker stood; it is a loss where the log now begins behind it.</summary>
    public void ReportGap(TopicPartition partition, long expected, long offset)
    {
        try
        {
            var low = client.QueryWatermarkOffsets(partition, BrokerTimeout).Low.Value;
            if (low > expected)
            {
                ReportLoss(partition, offset, Math.Min(low, offset) - expected);
            }
        }
        catch (KafkaException e)
        {
            Log.ClientError(logger, options.Name, e.Error.Code.ToString(), e.Error.Reason);
        }
    }

    private TopicPartitionOffset Find(TopicPartitionOffset committed, bool isAnotherLog)
    {
        var marks = client.QueryWatermarkOffsets(committed.TopicPartition, BrokerTimeout);
        var decision = StartDecision.For(committed.Offset.IsSpecial ? null : committed.Offset.Value, marks.Low.Value, marks.High.Value, isAnotherLog);
        Log.Assigned(logger, options.Name, committed.Topic, committed.Partition.Value, decision.Offset, decision.Reason.ToString());
        if (decision.Reason == StartReason.AnotherLog)
        {
            ReportAnotherLog(committed.TopicPartition, decision.Offset);
        }
        else if (decision.Reason == StartReason.RecordsLost)
        {
            ReportLoss(committed.TopicPartition, decision.Offset, decision.LostRecords);
        }

        return new TopicPartitionOffset(committed.TopicPartition, decision.Offset);
    }

    private void ReportLoss(TopicPartition partition, long offset, long lost)
    {
        metrics.LostRecords.Add(lost, new("consumer", options.Name), new("topic", partition.Topic));
        Log.RecordsLost(logger, options.Name, partition.Topic, partition.Partition.Value, offset, lost);
        options.OnLogTrouble?.Invoke(new LogTrouble(LogTroubleKind.RecordsLost, partition.Topic, partition.Partition.Value, offset, lost));
    }
}
