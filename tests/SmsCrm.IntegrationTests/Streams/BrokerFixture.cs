using SmsCrm.Streams.Consuming;
using SmsCrm.Streams.LocalBrokers;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Streams;

/// <summary>A broker that a test may kill and start again at the same address.</summary>
public abstract class BrokerFixture : IAsyncLifetime
{
    private static int _number;

    public abstract string Address { get; }

    /// <summary>Whether what was acknowledged outlives a kill.</summary>
    public abstract bool Durable { get; }

    /// <summary>Skips the test where this broker is not to be had.</summary>
    public abstract void SkipUnlessThere();

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>kill -9, or what comes nearest.</summary>
    public abstract Task KillAsync();

    public abstract Task StartAgainAsync();

    /// <summary>Away for a while without forgetting anything: a kill where the broker is durable.</summary>
    public virtual async Task InterruptAsync()
    {
        await KillAsync();
        await StartAgainAsync();
    }

    public abstract Task CreateTopicAsync(string topic, int partitions);

    /// <summary>The same topic under another id, empty.</summary>
    public abstract Task RecreateTopicAsync(string topic, int partitions);

    /// <summary>The log forgets the records before that offset.</summary>
    public abstract Task TrimAsync(string topic, int partition, long beforeOffset);

    /// <summary>A topic of the test's own.</summary>
    public async Task<string> NewTopicAsync(int partitions = 4)
    {
        var topic = NewName("topic");
        await CreateTopicAsync(topic, partitions);
        return topic;
    }

    public static string NewName(string kind) => $"{kind}-{Environment.ProcessId}-{Interlocked.Increment(ref _number)}";

    /// <summary>A process's worth of services, not started.</summary>
    public TestHost NewHost(ConsumerOptions? consumer = null, IRecordBatchHandler? handler = null, Action<Dictionary<string, string?>>? settings = null) =>
        new(SettingsWith(settings), consumer, handler);

    private Dictionary<string, string?> SettingsWith(Action<Dictionary<string, string?>>? more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["SmsCrm:Kafka:BootstrapServers"] = Address,
            ["SmsCrm:Kafka:Durable"] = Durable.ToString(),
            ["SmsCrm:Kafka:LogCheckSeconds"] = "1",
        };
        more?.Invoke(settings);
        return settings;
    }
}

public sealed class EmbeddedBrokerFixture : BrokerFixture
{
    private readonly int _port = PrivatePorts.Next();
    private readonly Dictionary<string, int> _topics = [];
    private EmbeddedBroker? _broker;

    public EmbeddedBroker Broker => _broker ?? throw new InvalidOperationException("The broker is killed.");

    public override string Address => $"127.0.0.1:{_port}";

    public override bool Durable => false;

    public override void SkipUnlessThere()
    {
        // It is always there.
    }

    public override async ValueTask InitializeAsync() => await StartAgainAsync();

    public override async ValueTask DisposeAsync() => await KillAsync();

    public override async Task KillAsync()
    {
        if (Interlocked.Exchange(ref _broker, null) is { } broker)
        {
            await broker.DisposeAsync();
        }
    }

    public override async Task InterruptAsync()
    {
        Broker.SetDown(down: true);
        await Task.Delay(1_000);
        Broker.SetDown(down: false);
    }

    public override Task StartAgainAsync()
    {
        _broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Port = _port, Topics = [] });
        foreach (var (topic, partitions) in _topics)
        {
            _broker.CreateTopic(topic, partitions);
        }

        return Task.CompletedTask;
    }

    public override Task CreateTopicAsync(string topic, int partitions)
    {
        _topics[topic] = partitions;
        Broker.CreateTopic(topic, partitions);
        return Task.CompletedTask;
    }

    public override async Task RecreateTopicAsync(string topic, int partitions)
    {
        Broker.Recreate(topic, partitions);
        await Task.CompletedTask;
    }

    public override Task TrimAsync(string topic, int partition, long beforeOffset)
    {
        Broker.Trim(topic, partition, beforeOffset);
        return Task.CompletedTask;
    }
}
