using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmsCrm.Server.Local;

/// <summary>A private Redis server.</summary>
/// <param name="Folder">For its pid file and log; made when missing.</param>
/// <param name="Port">On 127.0.0.1, 1 to 65535.</param>
/// <param name="CacheFolder">Where Debian's packages are unpacked when no redis-server is installed.</param>
public sealed record LocalRedisOptions(string Folder, int Port, string CacheFolder);

/// <summary>One Redis server of this checkout on loopback. It keeps nothing on disk: Redis holds only what may be lost.</summary>
public sealed class LocalRedis : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly LocalRedisOptions _options;
    private readonly RedisProgram _program;
    private ChildProcess? _process;

    private LocalRedis(LocalRedisOptions options, RedisProgram program) => (_options, _program) = (options, program);

    public int Port => _options.Port;

    /// <summary>For StackExchange.Redis.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    public string LogFile => Path.Combine(_options.Folder, "redis.log");

    internal ChildProcess? Process => _process;

    /// <summary>0 when it does not run.</summary>
    public int ProcessId => _process is { HasExited: false } process ? process.Id : 0;

    /// <summary>Ends what a killed run left in the folder, starts the server and waits until it answers.</summary>
    /// <exception cref="LocalServerException">There is no redis-server, or it does not come up; with its last log lines.</exception>
    public static async Task<LocalRedis> StartAsync(LocalRedisOptions options, CancellationToken cancellationToken = default)
    {
        options = options with { Folder = Path.GetFullPath(options.Folder) };
        Directory.CreateDirectory(options.Folder);
        var program = await RedisPrograms.FindAsync(options.CacheFolder, cancellationToken).ConfigureAwait(false);
        var server = new LocalRedis(options, program);
        await server.StartAgainAsync(cancellationToken).ConfigureAwait(false);
        return server;
    }

    /// <summary>Starts it after a stop or a kill, empty.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        _process = await ChildProcess.StartAsync(
            new ChildProcessOptions(
                "redis", _program.File, ServerArguments(), _options.Folder, LogFile, Path.Combine(_options.Folder, "redis.pid"))
            {
                Environment = _program.Environment,
            },
            cancellationToken).ConfigureAwait(false);
        await ReadyCheck.WaitAsync("Redis", StartDeadline, AskAsync, cancellationToken).ConfigureAwait(false);
    }

    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            await process.StopAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(false);
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

    private string[] ServerArguments() =>
    [
        "--port", Port.ToString(CultureInfo.InvariantCulture),
        "--bind", "127.0.0.1",
        "--dir", _options.Folder,
        "--save", "",
        "--appendonly", "no",
        "--daemonize", "no",
        // Its command line stays as we gave it: the next run knows it by its folder.
        "--set-proc-title", "no",
    ];

    private async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        _process?.RequireRunning();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, cancellationToken).ConfigureAwait(false);
        var stream = client.GetStream();
        await stream.WriteAsync("INFO server\r\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
        var answer = new byte[8192];
        var length = await stream.ReadAsync(answer, cancellationToken).ConfigureAwait(false);
        var text = Encoding.ASCII.GetString(answer, 0, length);

        // Another server on this port would answer as well, for the moment until ours gives up.
        var ours = string.Create(CultureInfo.InvariantCulture, $"process_id:{ProcessId}\r\n");
        return text.Contains(ours, StringComparison.Ordinal) ? null : $"another server answers on port {Port}";
    }
}
