using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Options;
using SmsCrm.Streams.Consuming;
using SmsCrm.Streams.Topics;

namespace SmsCrm.Streams.Reading;

/// <summary>
/// Reads topics once, from the earliest record that they still have up to where they ended when the reading began. Joins no group and
/// commits nothing, so that it disturbs nobody.
/// </summary>
public sealed class TopicReader(IOptions<KafkaOptions> options, TimeProvider time)
{
    private const int BatchSize = 2_000;
    private static readonly TimeSpan BrokerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(200);

    /// <summary>Without a record for so long the reading is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly KafkaOptions _kafka = options.Value;

    /// <param name="take">Is given batches of up to 2,000 records, one after the other; those of a partition in their order.</param>
    /// <returns>What was read; a topic that does not exist has no partitions.</returns>
    /// <exception cref="KafkaUnreachableException">The broker does not answer.</exception>
    public async Task<IReadOnlyList<ReadPartition>> ReadAsync(
        IReadOnlyList<string> topics, Func<IReadOnlyList<LoggedRecord>, CancellationToken, Task> take, CancellationToken cancellation)
    {
        using var client = NewClient(topics);
        try
        {
            var partitions = await Task.Run(() => DescribeAsync(client, topics), cancellation).ConfigureAwait(false);
            var open = partitions.Where(static p => p.End > p.First).ToDictionary(static p => new TopicPartition(p.Topic, p.Partition), static p => p.End);
            client.Assign(partitions.Where(static p => p.End > p.First).Select(static p => new TopicPartitionOffset(p.Topic, p.Partition, p.First)));
            while (open.Count > 0)
            {
                var batch = await Task.Run(() => Fill(client, open, cancellation), cancellation).ConfigureAwait(false);
                await take(batch, cancellation).ConfigureAwait(false);
            }

            return partitions;
        }
        catch (KafkaException e)
        {
            throw Unreachable(e.Error.Reason, e);
        }
    }

    private IConsumer<byte[]?, byte[]?> NewClient(IReadOnlyList<string> topics)
    {
        var config = KafkaClientConfig.Consumer(
            _kafka, new ConsumerOptions { Name = "reader", GroupId = $"smscrm-reader-{Guid.CreateVersion7(time.GetUtcNow())}", Topics = topics });
        config.EnableAutoCommit = false;
        config.EnablePartitionEof = true;
        return new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetKeyDeserializer(Deserializers.ByteArray!)
            .SetValueDeserializer(Deserializers.ByteArray!)
            .SetLogHandler(static (_, _) => { })
            .SetErrorHandler(static (_, _) => { })
            .Build();
    }

    private static async Task<List<ReadPartition>> DescribeAsync(IConsumer<byte[]?, byte[]?> client, IReadOnlyList<string> topics)
    {
        using var admin = new DependentAdminClientBuilder(client.Handle).Build();
        List<TopicDescription> described;
        try
        {
            described = (await admin.DescribeTopicsAsync(
                TopicCollection.OfTopicNames(topics), new DescribeTopicsOptions { RequestTimeout = BrokerTimeout }).ConfigureAwait(false)).TopicDescriptions;
        }
        catch (DescribeTopicsException e) when (e.Results.TopicDescriptions.All(static t => t.Error.Code is ErrorCode.NoError or ErrorCode.UnknownTopicOrPart))
        {
            described = [.. e.Results.TopicDescriptions.Where(static t => !t.Error.IsError)];
        }

        return
        [
            .. from topic in described
               from partition in topic.Partitions
               let marks = client.QueryWatermarkOffsets(new TopicPartition(topic.Name, partition.Partition), BrokerTimeout)
               select new ReadPartition(topic.Name, partition.Partition, marks.Low.Value, marks.High.Value),
        ];
    }

    /// <summary>Takes a partition out of <paramref name="open"/> when its end is reached.</summary>
    private List<LoggedRecord> Fill(IConsumer<byte[]?, byte[]?> client, Dictionary<TopicPartition, long> open, CancellationToken cancellation)
    {
        var batch = new List<LoggedRecord>(BatchSize);
        var waiting = time.GetTimestamp();
        while (batch.Count < BatchSize && open.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            if (client.Consume(PollTimeout) is not { } result)
            {
                if (time.GetElapsedTime(waiting) > Patience)
                {
                    throw Unreachable($"nothing came for {Patience.TotalSeconds} s", null);
                }

                continue;
            }

            waiting = time.GetTimestamp();
            if (!open.TryGetValue(result.TopicPartition, out var end))
            {
                continue;
            }

            if (!result.IsPartitionEOF && result.Offset.Value < end)
            {
                batch.Add(new LoggedRecord(result));
            }

            if (result.IsPartitionEOF || result.Offset.Value >= end - 1)
            {
                open.Remove(result.TopicPartition);
                client.Pause([result.TopicPartition]);
            }
        }

        return batch;
    }

    private KafkaUnreachableException Unreachable(string reason, Exception? inner) =>
        new($"Kafka at {_kafka.BootstrapServers} does not answer: {reason}. Is it started, and is SmsCrm:Kafka:BootstrapServers right?", inner!);
}
