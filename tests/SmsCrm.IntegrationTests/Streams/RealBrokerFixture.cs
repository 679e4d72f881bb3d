using Confluent.Kafka;
using Confluent.Kafka.Admin;
using SmsCrm.Streams.LocalBrokers;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Streams;

/// <summary>Apache Kafka from <c>KAFKA_HOME</c>, one for all tests of the collection.</summary>
[CollectionDefinition(Name)]
public sealed class RealBrokerCollection : ICollectionFixture<RealBrokerFixture>
{
    public const string Name = "Real broker";
}

public sealed class RealBrokerFixture : BrokerFixture
{
    private static readonly string? KafkaHome = Environment.GetEnvironmentVariable("KAFKA_HOME");
    private ManagedKafka? _broker;

    public ManagedKafka Broker => _broker ?? throw new InvalidOperationException("Call SkipUnlessThere first.");

    public override string Address => Broker.Address;

    public override bool Durable => true;

    public override void SkipUnlessThere() =>
        Assert.SkipUnless(_broker is not null, "KAFKA_HOME is not set: it names a folder with Apache Kafka, on which this test runs.");

    public override async ValueTask InitializeAsync()
    {
        if (!string.IsNullOrEmpty(KafkaHome))
        {
            _broker = await ManagedKafka.StartAsync(new ManagedKafkaOptions
            {
                KafkaHome = KafkaHome,
                Folder = await RunFolder.NewAsync("kafka"),
                Port = PrivatePorts.Next(),
                ControllerPort = PrivatePorts.Next(),
            });
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
    }

    public override Task KillAsync() => Broker.KillAsync();

    public override Task StartAgainAsync() => Broker.StartAgainAsync();

    public override async Task CreateTopicAsync(string topic, int partitions)
    {
        using var admin = NewAdmin();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1 }]);
    }

    public override async Task RecreateTopicAsync(string topic, int partitions)
    {
        using var admin = NewAdmin();
        await admin.DeleteTopicsAsync([topic]);
        await Eventually.PassesAsync(() => CreateTopicAsync(topic, partitions));
    }

    public override async Task TrimAsync(string topic, int partition, long beforeOffset)
    {
        using var admin = NewAdmin();
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, partition, beforeOffset)]);
    }

    private IAdminClient NewAdmin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Address }).Build();
}
