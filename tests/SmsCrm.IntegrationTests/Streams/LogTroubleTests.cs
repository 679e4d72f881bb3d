using System.Collections.Concurrent;
using SmsCrm.Streams.Consuming;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Streams;

/// <summary>A log that is not what the group thinks it is: nothing is skipped in silence.</summary>
public abstract class LogTroubleTests
{
    private readonly BrokerFixture _broker;
    private readonly ConcurrentQueue<LogTrouble> _troubles = new();

    protected LogTroubleTests(BrokerFixture broker)
    {
        broker.SkipUnlessThere();
        _broker = broker;
    }

    [Fact]
    public async Task A_log_that_has_lost_unread_records_is_reported_with_their_number()
    {
        var topic = await _broker.NewTopicAsync(partitions: 1);
        var options = Options(topic);
        var first = new RecordingHandler();
        await using (var host = await _broker.NewHost(options, first).StartAsync())
        {
            await host.ProduceAsync(topic, 100);
            await Eventually.TrueAsync(() => first.Seen.Count == 100);
        }

        await using var next = _broker.NewHost(options, new RecordingHandler());
        // One by one: a log forgets whole batches.
        for (var i = 0; i < 50; i++)
        {
            await next.ProduceAsync(topic, 1, from: 100 + i);
        }

        await _broker.TrimAsync(topic, 0, beforeOffset: 130);
        await next.StartAsync();

        await Eventually.TrueAsync(() => !_troubles.IsEmpty);
        Assert.Equal(new LogTrouble(LogTroubleKind.RecordsLost, topic, 0, 130, 30), Assert.Single(_troubles));
    }

    [Fact]
    public async Task Another_log_under_the_same_name_is_read_from_its_beginning()
    {
        var topic = await _broker.NewTopicAsync(partitions: 1);
        var handler = new RecordingHandler();
        await using var host = await _broker.NewHost(Options(topic), handler).StartAsync();
        await host.ProduceAsync(topic, 50);
        await Eventually.TrueAsync(() => handler.Seen.Count == 50);

        await _broker.RecreateTopicAsync(topic, partitions: 1);
        await using var other = _broker.NewHost();
        await Eventually.PassesAsync(() => other.ProduceAsync(topic, 80, from: 1_000));

        // From the first one on, though our position was 50.
        await Eventually.TrueAsync(() => Enumerable.Range(1_000, 80).All(i => handler.Values.Contains($"value {i}")));
        Assert.Contains(_troubles, static t => t.Kind == LogTroubleKind.AnotherLog);
    }

    private ConsumerOptions Options(string topic) => ConsumerTests.Options(topic) with { OnLogTrouble = _troubles.Enqueue };
}

public sealed class LogTroubleTests_on_the_embedded_broker(EmbeddedBrokerFixture broker) : LogTroubleTests(broker), IClassFixture<EmbeddedBrokerFixture>;

[Collection(RealBrokerCollection.Name)]
public sealed class LogTroubleTests_on_a_real_broker(RealBrokerFixture broker) : LogTroubleTests(broker);
