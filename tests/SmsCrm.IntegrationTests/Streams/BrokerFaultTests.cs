using System.Collections.Concurrent;
using SmsCrm.Streams.Producing;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Streams;

/// <summary>The broker is killed and started again at the same address while records flow.</summary>
public abstract class BrokerFaultTests
{
    private readonly BrokerFixture _broker;

    protected BrokerFaultTests(BrokerFixture broker)
    {
        broker.SkipUnlessThere();
        _broker = broker;
    }

    [Fact]
    public async Task Producer_and_consumer_go_on_by_themselves_after_a_kill()
    {
        var topic = await _broker.NewTopicAsync();
        var handler = new RecordingHandler();
        await using var host = await _broker.NewHost(ConsumerTests.Options(topic), handler).StartAsync();
        await using var flow = new Flow(host.Producer, topic);
        await Eventually.TrueAsync(() => handler.Seen.Count > 500);

        await _broker.KillAsync();
        await Eventually.TrueAsync(() => !host.Status.IsReady);
        await _broker.StartAgainAsync();
        var before = flow.Acknowledged.Count;
        await Eventually.TrueAsync(() => flow.Acknowledged.Count > before + 2_000, TimeSpan.FromSeconds(60));
        await flow.StopAsync();

        // The embedded broker forgets with its process what it had acknowledged before.
        var due = _broker.Durable ? flow.Acknowledged : flow.Acknowledged.Skip(before + 1_000);
        await Eventually.PassesAsync(() =>
        {
            Assert.Empty(due.Except(handler.Values));
            Assert.True(host.Status.IsReady, host.Status.Sentence);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task No_stored_offset_passes_an_incomplete_record_when_the_broker_was_away()
    {
        var topic = await _broker.NewTopicAsync(partitions: 2);
        var options = ConsumerTests.Options(topic) with { DrainTimeoutMs = 200 };
        var first = RecordingHandler.ThatCompletes(static r => r.Offset != 100);
        await using (var host = await _broker.NewHost(options, first).StartAsync())
        {
            await using var flow = new Flow(host.Producer, topic);
            await Eventually.TrueAsync(() => first.Seen.Count(static r => r.Offset == 100) == 2);
            await _broker.InterruptAsync();
            var before = first.Seen.Count;
            await Eventually.TrueAsync(() => first.Seen.Count > before + 500, TimeSpan.FromSeconds(60));
            await flow.StopAsync();
        }

        var second = new RecordingHandler();
        await using var next = await _broker.NewHost(options, second).StartAsync();
        await Eventually.TrueAsync(() => second.Seen.Count(static r => r.Offset == 100) == 2);
    }

    [Fact]
    public async Task A_record_that_was_never_sent_is_certainly_not_appended()
    {
        var topic = await _broker.NewTopicAsync();
        await using var host = _broker.NewHost(settings: static s => s["SmsCrm:Kafka:DeliveryTimeoutMs"] = "8000");
        await host.ProduceAsync(topic, 1);

        await _broker.KillAsync();
        try
        {
            // The connection's end is noticed; what comes after it was never on the wire.
            await Eventually.TrueAsync(() => host.Logged.Any(static line => line.StartsWith("Kafka client producer reports ", StringComparison.Ordinal)));
            var outcome = await host.Producer.ProduceAsync(TestHost.Record(topic, 1), CancellationToken.None);

            Assert.Equal(ProduceFate.NotAppended, outcome.Fate);
            Assert.Contains(topic, outcome.Reason, StringComparison.Ordinal);
        }
        finally
        {
            await _broker.StartAgainAsync();
        }
    }

    [Fact]
    public async Task A_full_queue_holds_callers_back_and_refuses_them_only_after_the_time_given()
    {
        var topic = await _broker.NewTopicAsync();
        await using (var patient = _broker.NewHost(settings: static s =>
        {
            s["SmsCrm:Kafka:MaxQueuedRecords"] = "100";
            s["SmsCrm:Kafka:QueueWaitMs"] = "60000";
        }))
        {
            await patient.ProduceAsync(topic, 1_000);
        }

        await using var host = _broker.NewHost(settings: static s =>
        {
            s["SmsCrm:Kafka:MaxQueuedRecords"] = "100";
            s["SmsCrm:Kafka:QueueWaitMs"] = "1000";

            // However long the broker takes to come back: this is about the queue.
            s["SmsCrm:Kafka:DeliveryTimeoutMs"] = "120000";
        });
        await host.ProduceAsync(topic, 1);

        await _broker.KillAsync();
        var stuck = Enumerable.Range(0, 100).Select(i => host.Producer.ProduceAsync(TestHost.Record(topic, i), CancellationToken.None).AsTask()).ToList();
        var refused = await host.Producer.ProduceAsync(TestHost.Record(topic, 100), CancellationToken.None);
        using var impatient = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await host.Producer.ProduceAsync(TestHost.Record(topic, 101), impatient.Token));
        await _broker.StartAgainAsync();

        Assert.Equal(ProduceFate.NotAppended, refused.Fate);
        Assert.Contains("MaxQueuedRecords", refused.Reason, StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(stuck), static o => Assert.True(o.IsAcknowledged, o.Reason));
    }

    /// <summary>Appends without end, twenty at a time, and keeps the values that were acknowledged, in order.</summary>
    private sealed class Flow : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentQueue<string> _acknowledged = new();
        private readonly Task _running;

        public Flow(RecordProducer producer, string topic) => _running = Task.Run(() => RunAsync(producer, topic));

        public IReadOnlyCollection<string> Acknowledged => _acknowledged;

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _running;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stop.Dispose();
        }

        private async Task RunAsync(RecordProducer producer, string topic)
        {
            for (var i = 0; !_stop.IsCancellationRequested; i += 20)
            {
                var records = Enumerable.Range(i, 20).Select(n => TestHost.Record(topic, n)).ToList();
                var outcomes = await producer.ProduceAllAsync(records, CancellationToken.None);
                for (var n = 0; n < outcomes.Length; n++)
                {
                    if (outcomes[n].IsAcknowledged)
                    {
                        _acknowledged.Enqueue($"value {i + n}");
                    }
                }

                await Task.Delay(2);
            }
        }
    }
}

public sealed class BrokerFaultTests_on_the_embedded_broker(EmbeddedBrokerFixture broker) : BrokerFaultTests(broker), IClassFixture<EmbeddedBrokerFixture>;

[Collection(RealBrokerCollection.Name)]
public sealed class BrokerFaultTests_on_a_real_broker(RealBrokerFixture broker) : BrokerFaultTests(broker);
