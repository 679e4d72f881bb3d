using Confluent.Kafka;
using Microsoft.Extensions.Options;

namespace SmsCrm.Streams.Consuming;

/// <summary>How far a group is behind the end of its topics, asked without joining it. Its calls block for up to 5 s: not for a thread of the pool.</summary>
public sealed class GroupLag(IOptions<KafkaOptions> options) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private IConsumer<byte[], byte[]>? _client;
    private string _group = "";

    /// <returns>Records that the group has not committed; null where the broker does not answer.</returns>
    public long? Read(string group, IReadOnlyList<string> topics)
    {
        lock (_lock)
        {
            try
            {
                var client = ClientNeedsLock(group);
                using var admin = new DependentAdminClientBuilder(client.Handle).Build();
                var partitions = topics
                    .SelectMany(topic => admin.GetMetadata(topic, Patience).Topics.Single().Partitions.Select(partition => new TopicPartition(topic, partition.PartitionId)))
                    .ToList();
                return client.Committed(partitions, Patience).Sum(committed =>
                {
                    var ends = client.QueryWatermarkOffsets(committed.TopicPartition, Patience);
                    return Math.Max(0, ends.High.Value - Math.Max(committed.Offset.Value, ends.Low.Value));
                });
            }
            catch (KafkaException)
            {
                return null;
            }
        }
    }

    public void Dispose() => _client?.Dispose();

    private IConsumer<byte[], byte[]> ClientNeedsLock(string group)
    {
        if (_client is null || _group != group)
        {
            _client?.Dispose();
            var config = KafkaClientConfig.Consumer(options.Value, new ConsumerOptions { Name = "lag", GroupId = group, Topics = [] });
            config.EnableAutoCommit = false;
            _client = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler(static (_, _) => { }).SetErrorHandler(static (_, _) => { }).Build();
            _group = group;
        }

        return _client;
    }
}
