using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SmsCrm.Streams.LocalBrokers;

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
public abstract class LocalKafka(KafkaKind kind, string bootstrapServers) : IAsyncDisposable
{
    public KafkaKind Kind => kind;

    public string BootstrapServers => bootstrapServers;

    /// <summary>Whether what it acknowledged outlives its process.</summary>
    public bool IsDurable => Kind != KafkaKind.Embedded;

    /// <summary>Null while it does not run, and for an external one.</summary>
    public abstract int? ProcessId { get; }

    internal static LocalKafka For(LocalSystemOptions options)
    {
        var port = options.Ports.Kafka;
        return options.Kafka switch
        {
            KafkaKind.Embedded => new EmbeddedKafka(options, Address(port)),
            KafkaKind.Managed => new RealKafka(options, Address(port)),
            KafkaKind.External => new ExternalKafka(LocalSettings.Given(options, LocalSettings.Kafka) ?? Address(9092)),
        };
    }

    /// <summary>Starts it, also after a kill, and waits until it answers. An external one is left alone.</summary>
    /// <exception cref="LocalServerException">It does not come up; with its last log lines.</exception>
    public abstract Task StartAsync(CancellationToken cancellationToken = default);

    public abstract Task StopAsync();

    /// <summary>kill -9.</summary>
    public abstract Task KillAsync();

    /// <summary>Completes with a report when it has ended; never for one that is not ours.</summary>
    public abstract Task<string> WaitForDeathAsync(CancellationToken cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private sealed class EmbeddedKafka(LocalSystemOptions options, string address) : LocalKafka(KafkaKind.Embedded, address)
    {
        private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
        private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);
        private ChildProcess? _process;

        public override int? ProcessId => _process is { HasExited: false } process ? process.Id : null;

        public override async Task StartAsync(CancellationToken cancellationToken)
        {
            var addressFile = Path.Combine(options.Folder, "kafka.address");
            var process = _process = await ChildProcess.StartAsync(
                new ChildProcessOptions(
                    "kafka",
                    options.Program.File,
                    options.Program.Arguments(
                        ["local-kafka", "--port", options.Ports.Kafka.ToString(CultureInfo.InvariantCulture), "--address-file", addressFile]),
                    addressFile,
                    Path.Combine(options.Folder, "logs", "kafka.log"),
                    Path.Combine(options.Folder, "kafka.pid")),
                cancellationToken).ConfigureAwait(false);
            await ReadyCheck.WaitAsync(
                "Kafka (embedded)",
                StartDeadline,
                async token =>
                {
                    process.RequireRunning();
                    using var client = new TcpClient();
                    await client.ConnectAsync(IPAddress.Loopback, options.Ports.Kafka, token).ConfigureAwait(false);
                    return null;
                },
                cancellationToken).ConfigureAwait(false);
        }

        public override Task StopAsync() => _process?.StopAsync(StopPatience) ?? Task.CompletedTask;

        public override Task KillAsync() => _process?.KillAsync() ?? Task.CompletedTask;

        public override async Task<string> WaitForDeathAsync(CancellationToken cancellationToken)
        {
            await _process!.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return _process.Obituary();
        }
    }

    private sealed class RealKafka(LocalSystemOptions options, string address) : LocalKafka(KafkaKind.Managed, address)
    {
        private ManagedKafka? _broker;

        public override int? ProcessId => _broker is { ProcessId: > 0 } broker ? broker.ProcessId : null;

        public override async Task StartAsync(CancellationToken cancellationToken)
        {
            try
            {
                if (_broker is null)
                {
                    _broker = await ManagedKafka.StartAsync(
                        new ManagedKafkaOptions
                        {
                            KafkaHome = options.KafkaHome,
                            Folder = Path.Combine(options.Folder, "kafka"),
                            LogFile = Path.Combine(options.Folder, "logs", "kafka.log"),
                            Port = options.Ports.Kafka,
                            ControllerPort = options.Ports.KafkaController,
                        },
                        cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    await _broker.StartAgainAsync(cancellationToken).ConfigureAwait(false);
                }
            }
            catch (LocalBrokerException e)
            {
                throw new LocalServerException(e.Message, e);
            }
        }

        public override Task StopAsync() => _broker?.StopAsync() ?? Task.CompletedTask;

        public override Task KillAsync() => _broker?.KillAsync() ?? Task.CompletedTask;

        public override async Task<string> WaitForDeathAsync(CancellationToken cancellationToken)
        {
            await _broker!.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return _broker.Obituary();
        }
    }

    private sealed class ExternalKafka(string address) : LocalKafka(KafkaKind.External, address)
    {
        public override int? ProcessId => null;

        public override Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task StopAsync() => Task.CompletedTask;

        public override Task KillAsync() => Task.CompletedTask;

        public override async Task<string> WaitForDeathAsync(CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            return "";
        }
    }
}
