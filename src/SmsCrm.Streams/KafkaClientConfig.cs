using Confluent.Kafka;
using SmsCrm.Streams.Consuming;

namespace SmsCrm.Streams;

/// <summary>Turns the options into the settings of the three kinds of client.</summary>
internal static class KafkaClientConfig
{
    public static ProducerConfig Producer(KafkaOptions options)
    {
        var config = Common(new ProducerConfig(), options);
        config.EnableIdempotence = true;
        config.Acks = Acks.All;
        config.CompressionType = Enum.Parse<CompressionType>(options.Compression, ignoreCase: true);
        config.Partitioner = Partitioner.Murmur2Random;
        config.LingerMs = options.LingerMs;
        config.MessageTimeoutMs = options.DeliveryTimeoutMs;
        // RecordProducer bounds what is on its way; the client's own bound only has to be out of its way.
        config.QueueBufferingMaxMessages = options.MaxQueuedRecords + 1_000;
        config.QueueBufferingMaxKbytes = 256 * 1024;
        config.DeliveryReportFields = "status";
        // The embedded broker's danger of dropping unread records is estimated from the size of batches.
        config.StatisticsIntervalMs = options.Durable ? 0 : 2_000;
        return config;
    }

    public static ConsumerConfig Consumer(KafkaOptions options, ConsumerOptions consumer)
    {
        var config = Common(new ConsumerConfig(), options);
        config.GroupId = consumer.GroupId;
        config.EnableAutoOffsetStore = false;
        config.EnableAutoCommit = true;
        config.AutoCommitIntervalMs = 500;
        config.AutoOffsetReset = AutoOffsetReset.Earliest;
        config.SessionTimeoutMs = options.EffectiveSessionTimeoutMs;
        config.HeartbeatIntervalMs = Math.Max(200, options.EffectiveSessionTimeoutMs / 6);
        config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
        // Read ahead enough to keep the workers busy and no more: what is read ahead is fetched again after a pause.
        config.QueuedMinMessages = 10_000;
        config.QueuedMaxMessagesKbytes = 16 * 1024;
        config.FetchErrorBackoffMs = 100;
        // The embedded broker answers an empty fetch only when this time is over, even if a record comes meanwhile.
        config.FetchWaitMaxMs = options.Durable ? 500 : 10;
        config.ConsumeResultFields = "headers,timestamp,topic";
        return config;
    }

    public static AdminClientConfig Admin(KafkaOptions options) => Common(new AdminClientConfig(), options);

    private static T Common<T>(T config, KafkaOptions options)
        where T : ClientConfig
    {
        foreach (var (name, value) in options.Client)
        {
            config.Set(name, value);
        }

        config.BootstrapServers = options.BootstrapServers;
        config.ClientId = options.ClientId;
        config.AllowAutoCreateTopics = false;
        config.SecurityProtocol = Enum.Parse<SecurityProtocol>(options.SecurityProtocol, ignoreCase: true);
        // A broker that comes back is found within a second.
        config.ReconnectBackoffMs = 50;
        config.ReconnectBackoffMaxMs = 1_000;
        // The default asks the bootstrap servers anew when every broker is down, without any backoff: 40 attempts a second.
        config.MetadataRecoveryStrategy = MetadataRecoveryStrategy.None;
        config.TopicMetadataRefreshIntervalMs = 30_000;
        SetIfGiven(config, "sasl.mechanism", options.SaslMechanism);
        SetIfGiven(config, "sasl.username", options.SaslUsername);
        SetIfGiven(config, "sasl.password", options.SaslPassword);
        SetIfGiven(config, "ssl.ca.location", options.SslCaLocation);
        return config;
    }

    private static void SetIfGiven(ClientConfig config, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            config.Set(name, value);
        }
    }
}
