using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SmsCrm.Streams;
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

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>kill -9, or what comes nearest.</summary>
    public abstract Task KillAsync();

    public abstract Task StartAgainAsync();

    public abstract Task CreateTopicAsync(string topic, int partitions);

    /// <summary>A topic of the test's own.</summary>
    public async Task<string> NewTopicAsync(int partitions = 4)
    {
        var topic = NewName("topic");
        await CreateTopicAsync(topic, partitions);
        return topic;
    }

    public static string NewName(string kind) => $"{kind}-{Environment.ProcessId}-{Interlocked.Increment(ref _number)}";

    public virtual Dictionary<string, string?> Settings => new()
    {
        ["SmsCrm:Kafka:BootstrapServers"] = Address,
        ["SmsCrm:Kafka:Durable"] = Durable.ToString(),
        ["SmsCrm:Kafka:LogCheckSeconds"] = "1",
    };

    /// <summary>A process's worth of services, not started.</summary>
    public IHost NewHost(Action<IServiceCollection>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(Settings);
        builder.Services.AddStreams(builder.Configuration);
        more?.Invoke(builder.Services);
        return builder.Build();
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

    public override async ValueTask InitializeAsync() => await StartAgainAsync();

    public override async ValueTask DisposeAsync() => await KillAsync();

    public override async Task KillAsync()
    {
        if (Interlocked.Exchange(ref _broker, null) is { } broker)
        {
            await broker.DisposeAsync();
        }
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
}
