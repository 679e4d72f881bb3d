using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SmsCrm.Streams;
using SmsCrm.Streams.Consuming;
using SmsCrm.Streams.Producing;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Streams;

public abstract class ConsumerTests(BrokerFixture broker)
{
    [Fact]
    public async Task What_is_produced_is_consumed_once_with_key_value_and_headers()
    {
        var topic = await broker.NewTopicAsync();
        var handler = new RecordingHandler();
        using var host = broker.NewHost(s => s.AddStreamConsumer(Options(topic), _ => handler));
        await host.StartAsync();

        await ProduceAsync(host, topic, 1_000);

        await Eventually.TrueAsync(() => handler.Seen.Count >= 1_000);
        await host.StopAsync();
        Assert.Equal(1_000, handler.Seen.Count);
        Assert.Equal(1_000, handler.Values.Count);
    }

    protected static ConsumerOptions Options(string topic) =>
        new() { Name = "test", GroupId = BrokerFixture.NewName("group"), Topics = [topic] };

    protected static async Task ProduceAsync(IHost host, string topic, int count)
    {
        var producer = host.Services.GetRequiredService<RecordProducer>();
        var records = Enumerable.Range(0, count).Select(i => Record(topic, i)).ToList();
        var outcomes = await producer.ProduceAllAsync(records, TestContext.Current.CancellationToken);
        Assert.All(outcomes, o => Assert.True(o.IsAcknowledged, o.Reason));
    }

    private static OutgoingRecord Record(string topic, int i) =>
        new(topic, Encoding.UTF8.GetBytes($"key {i % 97}"), Encoding.UTF8.GetBytes($"value {i}"), [new RecordHeader("tenant", [1, 2, 3])]);
}

public sealed class ConsumerTests_on_the_embedded_broker(EmbeddedBrokerFixture broker) : ConsumerTests(broker), IClassFixture<EmbeddedBrokerFixture>;
