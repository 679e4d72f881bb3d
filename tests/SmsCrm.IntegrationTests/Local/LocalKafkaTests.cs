using Confluent.Kafka;
using Confluent.Kafka.Admin;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Local;

public sealed class LocalKafkaTests_on_a_real_broker
{
    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_kill_and_a_restart_at_the_same_address()
    {
        Assert.SkipUnless(KafkaHome.IsSet, KafkaHome.WhyNot);
        await using var kafka = LocalKafka.For(new LocalSystemOptions(await RunFolder.NewAsync("kafka"), new ServerProgram(Checkout.ServerProgram))
        {
            Kafka = KafkaKind.Managed,
            CacheFolder = Checkout.CacheFolder,
            Ports = new LocalPorts { Kafka = PrivatePorts.Next(), KafkaController = PrivatePorts.Next() },
        });
        await kafka.StartAsync();
        var client = new ClientConfig { BootstrapServers = kafka.BootstrapServers };
        await CreateTopicAsync(client, "kept");
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig(client) { EnableIdempotence = true })
            .SetLogHandler((_, _) => { }).Build();
        await producer.ProduceAsync("kept", new Message<Null, string> { Value = "before" });

        await kafka.KillAsync();
        await kafka.StartAsync();
        await producer.ProduceAsync("kept", new Message<Null, string> { Value = "after" });

        Assert.Equal(["before", "after"], ReadTwo(client));
    }

    private static async Task CreateTopicAsync(ClientConfig client, string name)
    {
        using var admin = new AdminClientBuilder(client).Build();
        await Eventually.PassesAsync(() => admin.CreateTopicsAsync([new TopicSpecification { Name = name, NumPartitions = 1, ReplicationFactor = 1 }]));
    }

    private static string[] ReadTwo(ClientConfig client)
    {
        var settings = new ConsumerConfig { BootstrapServers = client.BootstrapServers, GroupId = "test", AutoOffsetReset = AutoOffsetReset.Earliest };
        using var consumer = new ConsumerBuilder<Null, string>(settings).Build();
        consumer.Assign(new TopicPartitionOffset("kept", 0, Offset.Beginning));
        return [.. Enumerable.Range(0, 2).Select(_ => consumer.Consume(TimeSpan.FromSeconds(30)).Message.Value)];
    }
}
