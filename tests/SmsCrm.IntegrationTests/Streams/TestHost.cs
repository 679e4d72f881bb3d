using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SmsCrm.Streams;
using SmsCrm.Streams.Consuming;
using SmsCrm.Streams.Producing;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Streams;

/// <summary>What one process has of Streams: a producer, and a consumer where one is asked for.</summary>
public sealed class TestHost : IAsyncDisposable
{
    public const string Consumer = "test";
    private readonly IHost _host;
    private readonly LogLines _logged = new();

    internal TestHost(Dictionary<string, string?> settings, ConsumerOptions? consumer, IRecordBatchHandler? handler)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (Environment.GetEnvironmentVariable("SMSCRM_TEST_LOG") is not null)
        {
            builder.Logging.AddSimpleConsole(static o => o.TimestampFormat = "HH:mm:ss.fff ").SetMinimumLevel(LogLevel.Debug);
        }

        builder.Logging.AddProvider(_logged);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddStreams(builder.Configuration);
        if (consumer is not null)
        {
            builder.Services.AddStreamConsumer(consumer, _ => handler!);
        }

        _host = builder.Build();
    }

    public RecordProducer Producer => _host.Services.GetRequiredService<RecordProducer>();

    public ConsumerGate Gate => _host.Services.GetRequiredKeyedService<ConsumerGate>(Consumer);

    public StreamStatus Status => _host.Services.GetRequiredService<StreamHealth>().Of(Consumer)!;

    /// <summary>The lines of its log, for what shows nowhere else.</summary>
    public IReadOnlyCollection<string> Logged => _logged.Lines;

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public async Task<TestHost> StartAsync()
    {
        await _host.StartAsync();
        return this;
    }

    public Task StopAsync() => _host.StopAsync();

    public async Task ProduceAsync(string topic, int count, int from = 0)
    {
        var records = Enumerable.Range(from, count).Select(i => Record(topic, i)).ToList();
        var outcomes = await Producer.ProduceAllAsync(records, CancellationToken.None);
        Assert.All(outcomes, static o => Assert.True(o.IsAcknowledged, o.Reason));
    }

    public static OutgoingRecord Record(string topic, int i) =>
        new(topic, Encoding.UTF8.GetBytes($"key {i % 97}"), Encoding.UTF8.GetBytes($"value {i}"), [new RecordHeader("tenant", [1, 2, 3])]);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
