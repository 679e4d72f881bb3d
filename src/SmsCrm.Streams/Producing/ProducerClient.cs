using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace SmsCrm.Streams.Producing;

/// <summary>The Kafka client that appends, replaced by a new one should it die.</summary>
internal sealed class ProducerClient : IAsyncDisposable
{
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenErrorLines = TimeSpan.FromSeconds(10);
    private readonly KafkaOptions _options;
    private readonly StreamsMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Action<IClient> _closed;
    private readonly Lock _replacing = new();
    private IProducer<byte[]?, byte[]> _current;
    private long _errorLoggedAt;
    private bool _disposed;

    /// <param name="closed">Told of each client that reports no more, on a thread of its own.</param>
    public ProducerClient(KafkaOptions options, StreamsMetrics metrics, ILogger logger, TimeProvider time, Action<IClient> closed)
    {
        _options = options;
        _metrics = metrics;
        _logger = logger;
        _time = time;
        _closed = closed;
        _errorLoggedAt = time.GetTimestamp() - (long)(BetweenErrorLines.TotalSeconds * time.TimestampFrequency);
        _current = Build();
    }

    public IProducer<byte[]?, byte[]> Current => _current;

    public bool IsDisposed => _disposed;

    /// <summary>Waits up to ten seconds for what is on its way.</summary>
    public async ValueTask DisposeAsync()
    {
        IProducer<byte[]?, byte[]> client;
        lock (_replacing)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            client = _current;
        }

        await Task.Run(() => Close(client)).ConfigureAwait(false);
    }

    private IProducer<byte[]?, byte[]> Build() =>
        new ProducerBuilder<byte[]?, byte[]>(KafkaClientConfig.Producer(_options))
            .SetKeySerializer(Serializers.ByteArray!)
            .SetValueSerializer(Serializers.ByteArray)
            .SetLogHandler((_, message) => Log.Client(_logger, "producer", message))
            .SetErrorHandler(OnError)
            .SetStatisticsHandler((_, json) => _metrics.BatchSizes.Read(json))
            .Build();

    private void OnError(IProducer<byte[]?, byte[]> client, Error error)
    {
        if (!error.IsFatal)
        {
            LogError(error);
            return;
        }

        lock (_replacing)
        {
            if (_disposed || !ReferenceEquals(client, _current))
            {
                return;
            }

            Log.ProducerReplaced(_logger, error.Reason);
            _current = Build();
        }

        // Not here: this is the client's own thread, which disposing waits for.
        _ = Task.Run(() => Close(client));
    }

    /// <summary>A broker that is away brings an error with every attempt to connect: one a while is worth a line.</summary>
    private void LogError(Error error)
    {
        if (_time.GetElapsedTime(_errorLoggedAt) < BetweenErrorLines)
        {
            Log.ClientErrorAgain(_logger, "producer", error.Code.ToString(), error.Reason);
            return;
        }

        _errorLoggedAt = _time.GetTimestamp();
        Log.ClientError(_logger, "producer", error.Code.ToString(), error.Reason);
    }

    private void Close(IProducer<byte[]?, byte[]> client)
    {
        client.Flush(FlushTimeout);
        client.Dispose();
        _closed(client);
    }
}
