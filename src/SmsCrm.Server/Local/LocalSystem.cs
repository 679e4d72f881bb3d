using System.Globalization;

namespace SmsCrm.Server.Local;

/// <summary>
/// Private Postgres, Redis, Kafka, simulator and server, each a process of its own that can be killed and started again.
/// `./build.sh run`, the end-to-end tests and the load tests start this same system.
/// </summary>
public sealed class LocalSystem : IAsyncDisposable
{
    private static readonly TimeSpan CommandDeadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(60);

    private readonly LocalSystemOptions _options;
    private readonly Dictionary<string, string> _settings;

    private LocalSystem(LocalSystemOptions options)
    {
        _options = options;
        Kafka = LocalKafka.For(options);
        _settings = LocalSettings.For(options, Kafka);
    }

    public LocalPorts Ports => _options.Ports;

    /// <summary>Null when SmsCrm__Storage__Postgres names one that somebody else runs.</summary>
    public LocalPostgres? Postgres { get; private set; }

    /// <summary>Null when SmsCrm__Storage__Redis names one that somebody else runs.</summary>
    public LocalRedis? Redis { get; private set; }

    public LocalKafka Kafka { get; }

    public ChildProcess? Simulator { get; private set; }

    public ChildProcess? Server { get; private set; }

    public Uri HttpAddress => Address(Ports.Http);

    public Uri GrpcAddress => Address(Ports.Grpc);

    public Uri MetricsAddress => Address(Ports.Metrics);

    public Uri SimulatorAddress => Address(Ports.Simulator);

    /// <summary>What every part is started with: environment variables of the product's settings.</summary>
    public IReadOnlyDictionary<string, string> Settings => _settings;

    public string PostgresConnectionString => _settings[LocalSettings.Postgres];

    public string LogFolder => Path.Combine(_options.Folder, "logs");

    /// <summary>
    /// Ends what a killed run left in the folder, checks the ports, starts the three servers, migrates, makes topics,
    /// seeds, and starts simulator and server. What was started is stopped again when a later step fails.
    /// </summary>
    /// <param name="report">Told of each step that is done.</param>
    /// <exception cref="LocalServerException">A port is taken, or a part did not come up.</exception>
    public static async Task<LocalSystem> StartAsync(
        LocalSystemOptions options, IProgress<string>? report = null, CancellationToken cancellationToken = default)
    {
        options = options with { Folder = Path.GetFullPath(options.Folder) };
        var system = new LocalSystem(options);
        Directory.CreateDirectory(system.LogFolder);
        await Leftovers.EndUnderAsync(options.Folder, cancellationToken).ConfigureAwait(false);
        PortCheck.RequireFree(LocalSettings.PortsNeeded(options));
        try
        {
            await system.StartServersAsync(report, cancellationToken).ConfigureAwait(false);
            await system.PrepareAsync(report, cancellationToken).ConfigureAwait(false);
            await system.StartSimulatorAsync(cancellationToken).ConfigureAwait(false);
            await system.StartServerAsync(cancellationToken).ConfigureAwait(false);
            report?.Report($"server     {system.HttpAddress} (REST), {system.GrpcAddress} (gRPC)");
            return system;
        }
        catch
        {
            await system.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs one of the product's commands with this system's settings; returns what it printed.</summary>
    /// <exception cref="LocalServerException">It did not end with code 0.</exception>
    public Task<string> RunCommandAsync(IReadOnlyList<string> command, CancellationToken cancellationToken = default) =>
        _options.Program.RunAsync(command, _settings, Path.Combine(LogFolder, command[0] + ".log"), CommandDeadline, cancellationToken);

    /// <summary>Starts the server, also after a kill, and waits until it is ready.</summary>
    public async Task StartServerAsync(CancellationToken cancellationToken = default)
    {
        Server = await StartChildAsync("serve", ["serve", "--roles", _options.Roles], cancellationToken).ConfigureAwait(false);
        await ReadyCheck.WaitForAnswerAsync(
            "the server",
            Server,
            new Uri(MetricsAddress, "/health/ready"),
            ReadyDeadline,
            static async (answer, token) => answer.IsSuccessStatusCode ? null : await answer.Content.ReadAsStringAsync(token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts the simulator, also after a kill, and waits until it answers.</summary>
    public async Task StartSimulatorAsync(CancellationToken cancellationToken = default)
    {
        Simulator = await StartChildAsync(
            "simulate-twilio",
            [
                "simulate-twilio",
                "--port", Ports.Simulator.ToString(CultureInfo.InvariantCulture),
                "--ledger", Path.Combine(_options.Folder, "simulator.ledger"),
            ],
            cancellationToken).ConfigureAwait(false);
        await ReadyCheck.WaitForAnswerAsync(
            "the simulator", Simulator, SimulatorAddress, ReadyDeadline, static (_, _) => Task.FromResult<string?>(null), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Completes with a report as soon as one of our processes has ended unasked.</summary>
    public async Task<string> WaitForDeathAsync(CancellationToken cancellationToken)
    {
        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var deaths = new[] { Server, Simulator, Redis?.Process }.OfType<ChildProcess>()
            .Select(child => DeathOfAsync(child, others.Token)).Append(Kafka.WaitForDeathAsync(others.Token));
        var first = await Task.WhenAny(deaths).ConfigureAwait(false);
        await others.CancelAsync().ConfigureAwait(false);
        return await first.ConfigureAwait(false);

        static async Task<string> DeathOfAsync(ChildProcess child, CancellationToken cancellation)
        {
            await child.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return child.Obituary();
        }
    }

    /// <summary>Stops everything in order: first who takes work and drains it, last what it is stored in.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var child in new[] { Server, Simulator })
        {
            if (child is not null)
            {
                await child.StopAsync(DrainPatience).ConfigureAwait(false);
            }
        }

        await Kafka.StopAsync().ConfigureAwait(false);
        if (Redis is not null)
        {
            await Redis.StopAsync().ConfigureAwait(false);
        }

        if (Postgres is not null)
        {
            await Postgres.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static Uri Address(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));

    private async Task StartServersAsync(IProgress<string>? report, CancellationToken cancellationToken)
    {
        if (LocalSettings.Given(_options, LocalSettings.Postgres) is null)
        {
            Postgres = await LocalPostgres.StartAsync(
                new LocalPostgresOptions(Path.Combine(_options.Folder, "postgres"), Ports.Postgres), cancellationToken).ConfigureAwait(false);
        }

        report?.Report($"Postgres   {(Postgres is null ? "yours" : Text(Ports.Postgres))}");
        if (LocalSettings.Given(_options, LocalSettings.Redis) is null)
        {
            Redis = await LocalRedis.StartAsync(
                new LocalRedisOptions(Path.Combine(_options.Folder, "redis"), Ports.Redis, _options.CacheFolder), cancellationToken)
                .ConfigureAwait(false);
        }

        report?.Report($"Redis      {(Redis is null ? "yours" : Text(Ports.Redis))}");
        await Kafka.StartAsync(cancellationToken).ConfigureAwait(false);
        report?.Report($"Kafka      {Kafka.BootstrapServers} ({Kafka.Kind.ToString().ToLowerInvariant()})");

        static string Text(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
    }

    private async Task PrepareAsync(IProgress<string>? report, CancellationToken cancellationToken)
    {
        foreach (var command in new[] { "migrate", "topics", "seed" })
        {
            await RunCommandAsync([command], cancellationToken).ConfigureAwait(false);
            report?.Report($"{command,-10} done");
        }
    }

    private Task<ChildProcess> StartChildAsync(string name, string[] command, CancellationToken cancellationToken) =>
        ChildProcess.StartAsync(
            new ChildProcessOptions(
                name,
                _options.Program.File,
                _options.Program.Arguments(command),
                _options.Program.Path,
                Path.Combine(LogFolder, name + ".log"),
                Path.Combine(_options.Folder, name + ".pid"))
            {
                Environment = _settings,
            },
            cancellationToken);
}
