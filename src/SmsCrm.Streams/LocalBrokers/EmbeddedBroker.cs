using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace SmsCrm.Streams.LocalBrokers;

/// <summary>How the embedded broker is started.</summary>
public sealed record EmbeddedBrokerOptions
{
    /// <summary>Port on 127.0.0.1: 1 to 65535, or 0 (default) for any free one.</summary>
    public int Port { get; init; }

    /// <summary>Created before the address is known to anybody: a topic asked for before it exists would get four partitions.</summary>
    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>Partitions of each topic, default 8.</summary>
    public int Partitions { get; init; } = 8;

    /// <summary>A file that holds the address while the broker runs; written when it is ready, in one step. Null for none.</summary>
    public string? AddressFile { get; init; }
}

/// <summary>
/// A Kafka broker in this process: librdkafka's mock cluster, over TCP and by the real protocol. It keeps everything in
/// memory, drops a partition's oldest 5 MB or 100,000 batches, read or not, and forgets all of it when it ends. For
/// development and tests; run it in a process of its own (<c>smscrm local-kafka</c>), so that it outlives the server.
/// </summary>
public sealed class EmbeddedBroker : IAsyncDisposable
{
    private const int Producer = 0;
    private const int BrokerId = 1;
    private nint _client;
    private nint _cluster;
    private readonly TcpForwarder? _forwarder;
    private readonly string? _addressFile;

    private EmbeddedBroker(nint client, nint cluster, EmbeddedBrokerOptions options)
    {
        _client = client;
        _cluster = cluster;
        _addressFile = options.AddressFile;
        RdKafkaMock.SetControllerId(cluster, BrokerId);
        RdKafkaMock.GroupInitialRebalanceDelayMs(cluster, 0);
        var bound = Marshal.PtrToStringUTF8(RdKafkaMock.ClusterBootstraps(cluster))!;
        if (options.Port != 0)
        {
            RdKafkaMock.BrokerSetHostPort(cluster, BrokerId, "127.0.0.1", options.Port);
        }

        foreach (var topic in options.Topics)
        {
            CreateTopic(topic, options.Partitions);
        }

        if (options.Port != 0)
        {
            _forwarder = TcpForwarder.Start(options.Port, int.Parse(bound.AsSpan(bound.LastIndexOf(':') + 1), CultureInfo.InvariantCulture));
        }

        Address = options.Port != 0 ? $"127.0.0.1:{options.Port}" : bound;
    }

    /// <summary><c>host:port</c>, for <see cref="KafkaOptions.BootstrapServers"/>.</summary>
    public string Address { get; }

    /// <summary>Starts it; it answers when this returns.</summary>
    /// <exception cref="InvalidOperationException">The port is taken, or the library would not start.</exception>
    public static EmbeddedBroker Start(EmbeddedBrokerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Port, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Port, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Partitions, 1);
        Span<byte> error = stackalloc byte[512];
        var conf = RdKafkaMock.ConfNew();
        _ = RdKafkaMock.ConfSet(conf, "log_level", "3", error, (nuint)error.Length);
        var client = RdKafkaMock.New(Producer, conf, error, (nuint)error.Length);
        if (client == 0)
        {
            throw new InvalidOperationException($"The embedded broker did not start: {Text(error)}");
        }

        var cluster = RdKafkaMock.ClusterNew(client, 1);
        if (cluster == 0)
        {
            RdKafkaMock.Destroy(client);
            throw new InvalidOperationException("The embedded broker did not start: no port could be bound on 127.0.0.1.");
        }

        try
        {
            var broker = new EmbeddedBroker(client, cluster, options);
            broker.Publish();
            return broker;
        }
        catch
        {
            RdKafkaMock.ClusterDestroy(cluster);
            RdKafkaMock.Destroy(client);
            throw;
        }
    }

    /// <summary>Ends it; what it held is gone, and every connection breaks.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_forwarder is not null)
        {
            await _forwarder.DisposeAsync().ConfigureAwait(false);
        }

        var (cluster, client) = (Interlocked.Exchange(ref _cluster, 0), Interlocked.Exchange(ref _client, 0));
        if (cluster == 0)
        {
            return;
        }

        if (_addressFile is not null)
        {
            File.Delete(_addressFile);
        }

        await Task.Run(() =>
        {
            RdKafkaMock.ClusterDestroy(cluster);
            RdKafkaMock.Destroy(client);
        }).ConfigureAwait(false);
    }

    /// <summary>For tests: one more topic. Before any client asks for it.</summary>
    internal void CreateTopic(string topic, int partitions) =>
        Check(RdKafkaMock.TopicCreate(_cluster, topic, partitions, 1), $"create the topic {topic} with {partitions} partitions");

    /// <summary>For tests: breaks every connection and takes no new one, or takes them again. Nothing is forgotten.</summary>
    internal void SetDown(bool down) =>
        Check(down ? RdKafkaMock.BrokerSetDown(_cluster, BrokerId) : RdKafkaMock.BrokerSetUp(_cluster, BrokerId), down ? "go down" : "come up");

    /// <summary>For tests: forgets the records before that offset, as trimming does.</summary>
    internal void Trim(string topic, int partition, long beforeOffset) =>
        Check(RdKafkaMock.PartitionDeleteRecords(_cluster, topic, partition, beforeOffset), $"trim {topic}[{partition}] before {beforeOffset}");

    /// <summary>For tests: the same topic under another id, empty.</summary>
    internal void Recreate(string topic, int partitions)
    {
        Check(RdKafkaMock.TopicDelete(_cluster, topic), $"delete {topic}");
        CreateTopic(topic, partitions);
    }

    /// <summary>For tests: the next requests of that kind are answered with these errors, one each.</summary>
    internal void FailNext(short apiKey, params int[] errors) => RdKafkaMock.PushRequestErrors(_cluster, apiKey, (nuint)errors.Length, errors);

    private static void Check(int error, string what)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"The embedded broker could not {what}: librdkafka's error {error}.");
        }
    }

    private static string Text(ReadOnlySpan<byte> error) => Encoding.UTF8.GetString(error[..Math.Max(0, error.IndexOf((byte)0))]);

    private void Publish()
    {
        if (_addressFile is null)
        {
            return;
        }

        var temporary = _addressFile + ".new";
        File.WriteAllText(temporary, Address + "\n");
        File.Move(temporary, _addressFile, overwrite: true);
    }
}
