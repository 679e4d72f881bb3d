using SmsCrm.Streams.Producing;
using SmsCrm.Streams.Topics;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Streams;

public abstract class TopicAdminTests
{
    private readonly BrokerFixture _broker;

    protected TopicAdminTests(BrokerFixture broker)
    {
        broker.SkipUnlessThere();
        _broker = broker;
    }

    [Fact]
    public async Task A_topic_with_another_number_of_partitions_is_a_difference_in_a_sentence()
    {
        var topic = await _broker.NewTopicAsync(partitions: 3);
        await using var host = _broker.NewHost();

        var report = await host.Get<TopicAdmin>().CheckAsync([topic]);

        Assert.Empty(report.Done);
        Assert.Contains(report.Differences, d => d.StartsWith($"{topic} has 3 partitions; SmsCrm:Kafka:Topics:Partitions says 8.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_topic_is_created_where_the_broker_can_and_named_where_it_cannot()
    {
        var topic = BrokerFixture.NewName("missing");
        await using var host = _broker.NewHost();
        var admin = host.Get<TopicAdmin>();

        var report = await admin.EnsureAsync([topic]);

        if (_broker.Durable)
        {
            Assert.Equal([$"Created {topic} with 8 partitions, 1 copies each, kept 168 hours."], report.Done);
            Assert.Empty(report.Differences);
            Assert.Equal(new TopicReport([], []), await admin.EnsureAsync([topic]), SameSentences);
        }
        else
        {
            Assert.Empty(report.Done);
            Assert.Equal([$"{topic} does not exist; the embedded broker makes its topics when it starts."], report.Differences);
        }
    }

    [Fact]
    public async Task A_record_for_a_topic_that_does_not_exist_is_not_appended_and_creates_none()
    {
        var topic = BrokerFixture.NewName("unknown");
        await using var host = _broker.NewHost(settings: static s => s["SmsCrm:Kafka:DeliveryTimeoutMs"] = "2000");

        var outcome = await host.Producer.ProduceAsync(TestHost.Record(topic, 1), CancellationToken.None);

        Assert.Equal(ProduceFate.NotAppended, outcome.Fate);
        var report = await host.Get<TopicAdmin>().CheckAsync([topic]);
        Assert.StartsWith($"{topic} does not exist", Assert.Single(report.Differences), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_an_error_that_names_the_setting()
    {
        await using var host = _broker.NewHost(settings: static s => s["SmsCrm:Kafka:BootstrapServers"] = $"127.0.0.1:{PrivatePorts.Next()}");

        var error = await Assert.ThrowsAsync<KafkaUnreachableException>(() => host.Get<TopicAdmin>().CheckAsync(["any"]));

        Assert.Contains("SmsCrm:Kafka:BootstrapServers", error.Message, StringComparison.Ordinal);
    }

    private static bool SameSentences(TopicReport one, TopicReport other) => one.Done.SequenceEqual(other.Done) && one.Differences.SequenceEqual(other.Differences);
}

public sealed class TopicAdminTests_on_the_embedded_broker(EmbeddedBrokerFixture broker) : TopicAdminTests(broker), IClassFixture<EmbeddedBrokerFixture>;

[Collection(RealBrokerCollection.Name)]
public sealed class TopicAdminTests_on_a_real_broker(RealBrokerFixture broker) : TopicAdminTests(broker);
