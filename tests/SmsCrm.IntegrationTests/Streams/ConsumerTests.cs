using System.Text;
using SmsCrm.Streams.Consuming;
using SmsCrm.TestKit;
using static SmsCrm.IntegrationTests.Streams.RecordingHandler;

namespace SmsCrm.IntegrationTests.Streams;

public abstract class ConsumerTests
{
    private readonly BrokerFixture _broker;

    protected ConsumerTests(BrokerFixture broker)
    {
        broker.SkipUnlessThere();
        _broker = broker;
    }

    [Fact]
    public async Task What_is_produced_is_consumed_once_with_key_value_and_headers()
    {
        var topic = await _broker.NewTopicAsync();
        var handler = new RecordingHandler();
        await using var host = await _broker.NewHost(Options(topic), handler).StartAsync();

        await host.ProduceAsync(topic, 1_000);
        await Eventually.TrueAsync(() => handler.Seen.Count >= 1_000);
        await host.StopAsync();

        Assert.Equal(1_000, handler.Seen.Count);
        Assert.Equal(1_000, handler.Values.Count);
        var record = handler.Seen.First();
        Assert.StartsWith("key ", Encoding.UTF8.GetString(record.Key.Span), StringComparison.Ordinal);
        Assert.True(record.TryGetHeader("tenant", out var tenant));
        Assert.Equal([1, 2, 3], tenant.ToArray());
        Assert.False(record.TryGetHeader("campaign", out _));
    }

    [Fact]
    public async Task The_next_consumer_of_the_group_begins_where_the_last_one_ended()
    {
        var topic = await _broker.NewTopicAsync();
        var options = Options(topic);
        var first = new RecordingHandler();
        await using (var host = await _broker.NewHost(options, first).StartAsync())
        {
            await host.ProduceAsync(topic, 500);
            await Eventually.TrueAsync(() => first.Seen.Count >= 500);
        }

        var second = new RecordingHandler();
        await using var next = await _broker.NewHost(options, second).StartAsync();
        await next.ProduceAsync(topic, 100, from: 500);
        await Eventually.TrueAsync(() => second.Seen.Count >= 100);
        await next.StopAsync();

        Assert.Equal(100, second.Seen.Count);
    }

    [Fact]
    public async Task A_groups_lag_is_what_it_has_not_committed_and_asking_for_it_takes_nothing_from_it()
    {
        var topic = await _broker.NewTopicAsync();
        var options = Options(topic);
        var handler = new RecordingHandler();
        await using (var host = await _broker.NewHost(options, handler).StartAsync())
        {
            await host.ProduceAsync(topic, 300);
            await Eventually.TrueAsync(() => handler.Seen.Count >= 300);
        }

        await using var other = await _broker.NewHost(Options(await _broker.NewTopicAsync()), new RecordingHandler()).StartAsync();
        await other.ProduceAsync(topic, 70, from: 300);
        using var lag = new GroupLag(Microsoft.Extensions.Options.Options.Create(new SmsCrm.Streams.KafkaOptions { BootstrapServers = _broker.Address, Durable = _broker.Durable }));

        await Eventually.EqualAsync(70L, () => Task.FromResult(lag.Read(options.GroupId, [topic]) ?? -1));
        Assert.Equal(370L, lag.Read("nobody-" + options.GroupId, [topic]));
    }

    [Fact]
    public async Task A_record_that_is_not_complete_is_read_again_and_nothing_before_it_is()
    {
        var topic = await _broker.NewTopicAsync(partitions: 1);
        var options = Options(topic) with { DrainTimeoutMs = 200 };
        var first = ThatCompletes(static r => r.Offset != 40);
        await using (var host = await _broker.NewHost(options, first).StartAsync())
        {
            await host.ProduceAsync(topic, 100);
            await Eventually.TrueAsync(() => first.Seen.Count >= 100);
        }

        var second = new RecordingHandler();
        await using var next = await _broker.NewHost(options, second).StartAsync();
        await Eventually.TrueAsync(() => second.Seen.Count >= 60);
        await next.StopAsync();

        Assert.Equal(Enumerable.Range(40, 60).Select(static i => (long)i), second.Seen.Select(static r => r.Offset).Order());
    }

    [Fact]
    public async Task A_batch_whose_handler_throws_is_handled_again_and_the_consumer_says_so_meanwhile()
    {
        var topic = await _broker.NewTopicAsync();
        var broken = true;
        var done = 0;
        var handler = new RecordingHandler((batch, _) =>
        {
            if (Volatile.Read(ref broken))
            {
                throw new InvalidOperationException("the ledger is away");
            }

            batch.CompleteAll();
            Interlocked.Add(ref done, batch.Count);
            return Task.CompletedTask;
        });
        await using var host = await _broker.NewHost(Options(topic), handler).StartAsync();
        await host.ProduceAsync(topic, 50);

        await Eventually.TrueAsync(() => host.Status is { IsReady: false } s && s.Sentence.Contains("the ledger is away", StringComparison.Ordinal));
        Volatile.Write(ref broken, false);
        await Eventually.TrueAsync(() => host.Status.IsReady && Volatile.Read(ref done) == 50);
    }

    [Fact]
    public async Task Records_completed_after_the_handler_has_returned_count()
    {
        var topic = await _broker.NewTopicAsync(partitions: 1);
        var options = Options(topic);
        var first = ThatCompletes(static _ => false);
        await using (var host = await _broker.NewHost(options, first).StartAsync())
        {
            await host.ProduceAsync(topic, 300);
            await Eventually.TrueAsync(() => first.Seen.Count >= 300);
            foreach (var record in first.Seen.Reverse())
            {
                record.Complete();
            }
        }

        var second = new RecordingHandler();
        await using var next = await _broker.NewHost(options, second).StartAsync();
        await next.ProduceAsync(topic, 1, from: 300);
        await Eventually.TrueAsync(() => second.Seen.Count > 0);
        Assert.Equal(300, Assert.Single(second.Seen).Offset);
    }

    [Fact]
    public async Task A_held_consumer_reads_nothing_until_every_reason_is_gone()
    {
        var topic = await _broker.NewTopicAsync();
        var handler = new RecordingHandler();
        await using var host = await _broker.NewHost(Options(topic), handler).StartAsync();
        await Eventually.TrueAsync(() => host.Status.IsReady);

        host.Gate.Pause("Redis does not answer");
        host.Gate.Pause("Postgres does not answer");
        await Eventually.TrueAsync(() => host.Status.Sentence == "Held: Postgres does not answer; Redis does not answer.");
        await host.ProduceAsync(topic, 100);
        host.Gate.Resume("Redis does not answer");
        await Eventually.TrueAsync(() => host.Status.Sentence == "Held: Postgres does not answer.");
        Assert.Empty(handler.Seen);

        host.Gate.Resume("Postgres does not answer");
        await Eventually.TrueAsync(() => handler.Seen.Count == 100);
    }

    [Fact]
    public async Task A_full_window_pauses_the_partition_and_goes_on_when_it_is_half_empty()
    {
        var topic = await _broker.NewTopicAsync(partitions: 1);
        var handler = ThatCompletes(static _ => false);
        var options = Options(topic) with { WindowSize = 100, BatchSize = 10 };
        await using var host = await _broker.NewHost(options, handler).StartAsync();
        await host.ProduceAsync(topic, 1_000);
        await Eventually.TrueAsync(() => handler.Seen.Count == 100);

        for (var done = 0; done < 1_000; done += 50)
        {
            // Several workers: they may have come in another order.
            foreach (var record in handler.Seen.OrderBy(static record => record.Offset).Skip(done).Take(50))
            {
                record.Complete();
            }

            var expected = Math.Min(1_000, done + 150);
            await Eventually.TrueAsync(() => handler.Seen.Count == expected);
        }

        Assert.Equal(1_000, handler.Values.Count);
    }

    [Fact]
    public async Task A_consumer_that_joins_takes_partitions_over_and_every_record_is_handled()
    {
        var topic = await _broker.NewTopicAsync(partitions: 8);
        var options = Options(topic);
        var (first, second) = (new RecordingHandler(), new RecordingHandler());
        await using var one = await _broker.NewHost(options, first).StartAsync();
        await one.ProduceAsync(topic, 1_000);
        await Eventually.TrueAsync(() => first.Seen.Count >= 1_000);

        await using var two = await _broker.NewHost(options, second).StartAsync();
        var produced = 1_000;
        await Eventually.TrueAsync(async () =>
        {
            await one.ProduceAsync(topic, 200, from: produced);
            produced += 200;
            return second.Seen.Count > 0;
        });
        await two.StopAsync();
        await one.ProduceAsync(topic, 200, from: produced);
        produced += 200;

        await Eventually.TrueAsync(() => first.Values.Union(second.Values).Count() == produced);
    }

    [Fact]
    public async Task Late_completions_of_partitions_that_went_to_another_consumer_are_ignored()
    {
        var topic = await _broker.NewTopicAsync(partitions: 2);
        var options = Options(topic) with { DrainTimeoutMs = 100 };
        var (first, second) = (ThatCompletes(static _ => false), new RecordingHandler());
        await using var one = await _broker.NewHost(options, first).StartAsync();
        await one.ProduceAsync(topic, 200);
        await Eventually.TrueAsync(() => first.Seen.Count >= 200);

        await using var two = await _broker.NewHost(options, second).StartAsync();
        await Eventually.TrueAsync(() => second.Seen.Count > 0);
        var moved = second.Seen.First().Partition;
        await Eventually.TrueAsync(() => OffsetsOf(second, moved).SetEquals(OffsetsOf(first, moved)));
        foreach (var record in first.Seen)
        {
            record.Complete();
        }

        // Both end: were the late completions taken for the new assignment's, the stored offset could only differ now.
        await two.StopAsync();
        await one.StopAsync();
        var third = new RecordingHandler();
        await using var last = await _broker.NewHost(options, third).StartAsync();
        await last.ProduceAsync(topic, 100, from: 200);
        await Eventually.TrueAsync(() => third.Seen.Count >= 100);
        Assert.Equal(100, third.Seen.Count);
    }

    [Fact]
    public async Task A_topic_that_is_missing_is_named_and_read_once_it_is_there()
    {
        var topic = BrokerFixture.NewName("late");
        var handler = new RecordingHandler();
        await using var host = await _broker.NewHost(Options(topic), handler).StartAsync();

        await Eventually.TrueAsync(() => host.Status is { IsReady: false } s && s.Sentence.Contains($"lacks the topic {topic}", StringComparison.Ordinal));
        await _broker.CreateTopicAsync(topic, 2);
        await host.ProduceAsync(topic, 10);
        await Eventually.TrueAsync(() => handler.Seen.Count == 10 && host.Status.IsReady, TimeSpan.FromSeconds(60));
    }

    private static HashSet<long> OffsetsOf(RecordingHandler handler, int partition) =>
        [.. handler.Seen.Where(record => record.Partition == partition).Select(static record => record.Offset)];

    internal static ConsumerOptions Options(string topic) =>
        new() { Name = TestHost.Consumer, GroupId = BrokerFixture.NewName("group"), Topics = [topic] };
}

public sealed class ConsumerTests_on_the_embedded_broker(EmbeddedBrokerFixture broker) : ConsumerTests(broker), IClassFixture<EmbeddedBrokerFixture>;

[Collection(RealBrokerCollection.Name)]
public sealed class ConsumerTests_on_a_real_broker(RealBrokerFixture broker) : ConsumerTests(broker);
