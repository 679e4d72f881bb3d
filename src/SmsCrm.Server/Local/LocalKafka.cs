using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SmsCrm.Server.Local;

/// <summary>Which broker a local system uses.</summary>
public enum KafkaKind
{
    /// <summary>librdkafka's mock cluster, in a process of its own (<c>smscrm local-kafka</c>). It forgets everything when it ends.</summary>
    Embedded,

    /// <summary>A real Apache Kafka, one node, from KAFKA_HOME.</summary>
    Managed,

    /// <summary>One that somebody else runs: SmsCrm:Kafka:BootstrapServers.</summary>
    External,
}

/// <summary>The Kafka broker of a local system, as a process that can be killed and started again at the same address.</summary>
public sealed class LocalKafka : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly Func<CancellationToken, Task<ChildProcess>>? _start;
    private ChildProcess? _process;

    private LocalKafka(KafkaKind kind, string bootstrapServers, Func<CancellationToken, Task<ChildProcess>>? start) =>
        (Kind, BootstrapServers, _start) = (kind, bootstrapServers, start);

    public KafkaKind Kind { get; }

    public string BootstrapServers { get; }

    /// <summary>Whether what it acknowledged outlives its process.</summary>
    public bool IsDurable => Kind != KafkaKind.Embedded;

    /// <summary>Null for an external one.</summary>
    public ChildProcess? Process => _process;

    internal static LocalKafka For(LocalSystemOptions options)
    {
        var log = Path.Combine(options.Folder, "logs", "kafka.log");
        return options.Kafka switch
        {
            KafkaKind.Embedded => Embedded(options.Program, options.Folder, log, options.Ports.Kafka),
            KafkaKind.Managed => Managed(options.KafkaHome, options.Folder, log, options.Ports.Kafka, options.Ports.KafkaController),
            KafkaKind.External => new LocalKafka(
                KafkaKind.External, LocalSettings.Given(options, LocalSettings.Kafka) ?? "127.0.0.1:9092", start: null),
        };
    }

    /// <summary>Starts it, also after a kill, and waits until its port takes connections. An external one is left alone.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (_start is null)
        {
            return;
        }

        var process = _process = await _start(cancellationToken).ConfigureAwait(false);
        var port = int.Parse(BootstrapServers.AsSpan(BootstrapServers.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);
        await ReadyCheck.WaitAsync(
            $"Kafka ({Kind})",
            StartDeadline,
            async token =>
            {
                process.RequireRunning();
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, token).ConfigureAwait(false);
                return null;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            await process.StopAsync(TimeSpan.FromSeconds(20)).ConfigureAwait(false);
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            await process.KillAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private static LocalKafka Embedded(ServerProgram program, string folder, string logFile, int port)
    {
        var addressFile = Path.Combine(folder, "kafka.address");
        var options = new ChildProcessOptions(
            "kafka",
            program.File,
            program.Arguments(["local-kafka", "--port", Text(port), "--address-file", addressFile]),
            addressFile,
            logFile,
            Path.Combine(folder, "kafka.pid"));
        return new LocalKafka(KafkaKind.Embedded, $"127.0.0.1:{Text(port)}", token => ChildProcess.StartAsync(options, token));
    }

    private static LocalKafka Managed(string kafkaHome, string folder, string logFile, int port, int controllerPort)
    {
        var node = new KafkaNode(kafkaHome, Path.Combine(folder, "kafka"), port, controllerPort);
        return new LocalKafka(KafkaKind.Managed, $"127.0.0.1:{Text(port)}", async token =>
        {
            await node.FormatAsync(token).ConfigureAwait(false);
            return await ChildProcess.StartAsync(node.Server(logFile, Path.Combine(folder, "kafka.pid")), token).ConfigureAwait(false);
        });
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
