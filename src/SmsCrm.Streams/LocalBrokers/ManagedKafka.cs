using System.Globalization;
using System.Security.Cryptography;
using Confluent.Kafka;

namespace SmsCrm.Streams.LocalBrokers;

/// <summary>
/// One real broker as a child process, on loopback, with settings under which it is ready in seconds, also after a kill -9.
/// Acknowledged records and committed offsets survive a kill (the page cache outlives the process), not a power cut.
/// </summary>
public sealed class ManagedKafka : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);
    private readonly ManagedKafkaOptions _options;
    private BrokerProcess? _process;

    private ManagedKafka(ManagedKafkaOptions options) => _options = options with { Folder = Path.GetFullPath(options.Folder) };

    /// <summary><c>host:port</c>, for <see cref="KafkaOptions.BootstrapServers"/>.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_options.Port}");

    /// <summary>0 while it does not run.</summary>
    public int ProcessId => _process is { HasExited: false } process ? process.Id : 0;

    public string LogFile => _options.LogFile ?? Path.Combine(_options.Folder, "kafka.log");

    private string SettingsFile => Path.Combine(_options.Folder, "server.properties");

    private string DataFolder => Path.Combine(_options.Folder, "data");

    /// <summary>Ends what a killed run left in the folder, formats it on its first use, starts the broker, and returns when it answers.</summary>
    /// <exception cref="LocalBrokerException">There is no Kafka or no Java, a port is taken, or it does not come up; with its last log lines.</exception>
    public static async Task<ManagedKafka> StartAsync(ManagedKafkaOptions options, CancellationToken cancellationToken = default)
    {
        if (!File.Exists(Path.Combine(options.KafkaHome, "bin", "kafka-server-start.sh")))
        {
            throw new LocalBrokerException(
                $"There is no Apache Kafka in KAFKA_HOME '{options.KafkaHome}' (bin/kafka-server-start.sh is missing): unpack a distribution there, or use --kafka=embedded.");
        }

        var kafka = new ManagedKafka(options);
        await kafka.FormatAsync(cancellationToken).ConfigureAwait(false);
        await kafka.StartAgainAsync(cancellationToken).ConfigureAwait(false);
        return kafka;
    }

    /// <summary>Starts it after a stop or a kill, at the same address, with the data that it had.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        _process?.Dispose();
        _process = await BrokerProcess.StartAsync(
            [Path.Combine(_options.KafkaHome, "bin", "kafka-server-start.sh"), SettingsFile],
            mark: SettingsFile, LogFile, PidFile, Environment(), cancellationToken).ConfigureAwait(false);
        try
        {
            await WaitUntilReadyAsync(_process, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await _process.KillAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>SIGTERM, which it follows in about a second.</summary>
    public Task StopAsync() => _process?.StopAsync(StopTimeout) ?? Task.CompletedTask;

    /// <summary>kill -9.</summary>
    public Task KillAsync() => _process?.KillAsync() ?? Task.CompletedTask;

    /// <summary>Completes when the process has ended, for whatever reason; at once when there is none.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process?.WaitForExitAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>What is said of a broker that ended unasked.</summary>
    public string Obituary() => string.Create(
        CultureInfo.InvariantCulture, $"kafka ended with code {_process?.ExitCode}. Its log {LogFile} ends with:\n{_process?.LastLogLines(15)}");

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _process?.Dispose();
    }

    private string PidFile => Path.Combine(_options.Folder, "kafka.pid");

    private Dictionary<string, string> Environment() => new()
    {
        ["KAFKA_HEAP_OPTS"] = string.Create(CultureInfo.InvariantCulture, $"-Xms{Math.Min(256, _options.HeapMb)}m -Xmx{_options.HeapMb}m"),
        ["LOG_DIR"] = _options.Folder,
    };

    private async Task FormatAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(DataFolder);
        Directory.CreateDirectory(Path.GetDirectoryName(LogFile)!);
        await File.WriteAllTextAsync(SettingsFile, ManagedKafkaSettings.For(_options, DataFolder), cancellationToken).ConfigureAwait(false);
        if (File.Exists(Path.Combine(DataFolder, "meta.properties")))
        {
            return;
        }

        using var format = await BrokerProcess.StartAsync(
            [Path.Combine(_options.KafkaHome, "bin", "kafka-storage.sh"), "format", "-t", NewClusterId(), "-c", SettingsFile],
            mark: SettingsFile, Path.Combine(_options.Folder, "format.log"), Path.Combine(_options.Folder, "format.pid"), Environment(), cancellationToken).ConfigureAwait(false);
        await format.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        if (format.ExitCode != 0)
        {
            throw new LocalBrokerException($"Kafka's storage in {DataFolder} could not be formatted (code {format.ExitCode}):\n{format.LastLogLines(15)}");
        }
    }

    /// <summary>Kafka's own form of a UUID. One that begins with a dash would be read as an option.</summary>
    private static string NewClusterId()
    {
        var id = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return id[0] == '-' ? NewClusterId() : id;
    }

    private async Task WaitUntilReadyAsync(BrokerProcess process, CancellationToken cancellationToken)
    {
        var since = TimeProvider.System.GetTimestamp();
        var config = new AdminClientConfig { BootstrapServers = Address, ReconnectBackoffMs = 50, ReconnectBackoffMaxMs = 200 };
        using var admin = new AdminClientBuilder(config).SetLogHandler(static (_, _) => { }).SetErrorHandler(static (_, _) => { }).Build();
        while (true)
        {
            if (process.HasExited)
            {
                throw new LocalBrokerException($"Kafka ended with code {process.ExitCode} on port {_options.Port}. Its log {LogFile} ends with:\n{process.LastLogLines(15)}");
            }

            try
            {
                // Blocks its thread, for a second at most.
                if (await Task.Run(() => admin.GetMetadata(ProbeTimeout).Brokers.Count > 0, cancellationToken).ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (KafkaException) when (TimeProvider.System.GetElapsedTime(since).TotalSeconds < _options.ReadySeconds)
            {
                // Not yet.
            }
            catch (KafkaException e)
            {
                throw new LocalBrokerException($"Kafka on port {_options.Port} was not ready within {_options.ReadySeconds} s: {e.Error.Reason}. Its log {LogFile} ends with:\n{process.LastLogLines(15)}", e);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken).ConfigureAwait(false);
        }
    }
}
