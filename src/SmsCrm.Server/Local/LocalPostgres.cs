using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace SmsCrm.Server.Local;

/// <summary>A private Postgres server.</summary>
/// <param name="Folder">Where its data lies, as <c>data</c>; made when missing. Where the <c>postgres</c> user can't enter it, the data lies under /var/tmp and <c>location</c> in this folder says where.</param>
/// <param name="Port">On 127.0.0.1, 1 to 65535.</param>
public sealed record LocalPostgresOptions(string Folder, int Port)
{
    /// <summary>Made when missing.</summary>
    public string Database { get; init; } = "smscrm";

    public int MaxConnections { get; init; } = 200;

    /// <summary>In Postgres' notation.</summary>
    public string MaxWalSize { get; init; } = "8GB";

    /// <summary>In Postgres' notation.</summary>
    public string SharedBuffers { get; init; } = "256MB";
}

/// <summary>
/// One Postgres server of this checkout, listening on loopback alone, for `run`, the tests and the load tests.
/// Its durability settings are production's (fsync and synchronous_commit on).
/// </summary>
public sealed class LocalPostgres : IAsyncDisposable
{
    private const string SuperUser = "smscrm";
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    // After a kill -9 of the postmaster its children hold the shared memory for a second or two more, on a busy machine longer.
    private static readonly TimeSpan RestartPatience = TimeSpan.FromSeconds(30);

    private readonly LocalPostgresOptions _options;
    private readonly PostgresPrograms _programs;

    private LocalPostgres(LocalPostgresOptions options, PostgresPrograms programs, string dataFolder) =>
        (_options, _programs, DataFolder) = (options, programs, dataFolder);

    public string DataFolder { get; }

    public string LogFile => Path.Combine(DataFolder, "server.log");

    public int Port => _options.Port;

    /// <summary>For the database of the options, as the server's owner.</summary>
    public string ConnectionString => ConnectionStringTo(_options.Database);

    /// <summary>The postmaster's process id; 0 when it does not run.</summary>
    public int ProcessId =>
        Leftovers.Read(PidFile) is var (pid, _) && ProcessTable.IsOurs(pid, DataFolder) ? pid : 0;

    private string PidFile => Path.Combine(DataFolder, "postmaster.pid");

    /// <summary>Makes the cluster when it is missing, ends what a killed run left of it, starts it and waits until it answers.</summary>
    /// <exception cref="LocalServerException">The programs are missing, or the server does not come up; with its last log lines.</exception>
    public static async Task<LocalPostgres> StartAsync(LocalPostgresOptions options, CancellationToken cancellationToken = default)
    {
        var folder = await ReachableFolderAsync(options.Folder, cancellationToken).ConfigureAwait(false);
        var server = new LocalPostgres(options, PostgresPrograms.Find(), Path.Combine(folder, "data"));
        await Leftovers.EndAsync(server.PidFile, cancellationToken).ConfigureAwait(false);
        await server.InitialiseAsync(cancellationToken).ConfigureAwait(false);
        await server.StartAgainAsync(cancellationToken).ConfigureAwait(false);
        await server.CreateDatabaseAsync(options.Database, template: null, cancellationToken).ConfigureAwait(false);
        return server;
    }

    public string ConnectionStringTo(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _options.Port,
        Username = SuperUser,
        Database = database,
    }.ConnectionString;

    /// <summary>Starts it after a stop or a kill; tries for 30 s, since a killed server's children hold its memory for a moment.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var result = await _programs.RunAsync(
                "pg_ctl",
                ["-D", DataFolder, "-w", "-t", "60", "-l", LogFile, "-o", ServerOptions(), "start"],
                StartDeadline,
                cancellationToken).ConfigureAwait(false);
            if (result.Succeeded)
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(started) > RestartPatience)
            {
                throw new LocalServerException(
                    $"Postgres did not start on port {Port}. {result.Output}\nIts log {LogFile} ends with:\n{LogTail.Read(LogFile, 15)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(300), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends every session and stops it with a checkpoint (pg_ctl's fast mode).</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (ProcessId != 0)
        {
            await _programs.RunAsync(
                "pg_ctl", ["-D", DataFolder, "-w", "-t", "60", "-m", "fast", "stop"], TimeSpan.FromSeconds(70), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>kill -9 of the postmaster; its children follow by themselves.</summary>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        var pid = ProcessId;
        ProcessTable.Kill(pid);
        await ProcessTable.IsGoneWithinAsync(pid, DataFolder, TimeSpan.FromSeconds(10), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a database, as a copy of <paramref name="template"/> (which nobody may be connected to); one that exists stays as it is.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "Names of databases can't be parameters; they are ours and quoted.")]
    public async Task CreateDatabaseAsync(string name, string? template, CancellationToken cancellationToken = default)
    {
        var admin = new NpgsqlConnectionStringBuilder(ConnectionStringTo("postgres")) { Pooling = false }.ConnectionString;
        await using var connection = new NpgsqlConnection(admin);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = name } } };
        if (await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not null)
        {
            return;
        }

        var sql = template is null ? $"CREATE DATABASE {Quoted(name)}" : $"CREATE DATABASE {Quoted(name)} TEMPLATE {Quoted(template)}";

        // Some thousands of files are copied: on a busy machine that takes its time.
        await using var create = new NpgsqlCommand(sql, connection) { CommandTimeout = (int)StartDeadline.TotalSeconds * 2 };
        await create.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private static string Quoted(string name) => '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    private async Task InitialiseAsync(CancellationToken cancellationToken)
    {
        // PG_VERSION comes early in initdb's work, this file of ours last: a killed initdb is begun anew.
        var complete = Path.Combine(Path.GetDirectoryName(DataFolder)!, "initialised");
        if (File.Exists(complete))
        {
            return;
        }

        if (Directory.Exists(DataFolder))
        {
            Directory.Delete(DataFolder, recursive: true);
        }

        var result = await _programs.RunAsync(
            "initdb",
            ["-D", DataFolder, "-U", SuperUser, "--auth=trust", "--encoding=UTF8", "--locale=" + (OperatingSystem.IsMacOS() ? "C" : "C.UTF-8")],
            StartDeadline,
            cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw new LocalServerException($"initdb failed in {DataFolder}: {result.Output}");
        }

        await File.WriteAllTextAsync(complete, "", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Design: WAL and checkpoints out of the way of a load; a transaction that nobody drives holds no lock for long.</summary>
    private string ServerOptions() => string.Join(' ', new[]
    {
        string.Create(CultureInfo.InvariantCulture, $"-p {Port}"),
        "-c listen_addresses=127.0.0.1",
        "-c unix_socket_directories=''",
        string.Create(CultureInfo.InvariantCulture, $"-c max_connections={_options.MaxConnections}"),
        $"-c shared_buffers={_options.SharedBuffers}",
        $"-c max_wal_size={_options.MaxWalSize}",
        "-c checkpoint_timeout=30min",
        "-c synchronous_commit=on",
        "-c idle_in_transaction_session_timeout=60s",
        // Advisory locks of a claim's recipients and locks of partitions share this table.
        "-c max_locks_per_transaction=256",
        "-c log_lock_waits=on",
        // Compiling a plan costs more than any query here runs.
        "-c jit=off",
    });

    /// <summary>The folder itself, or one under /var/tmp where the server's user can't enter it (a checkout below /root).</summary>
    private static async Task<string> ReachableFolderAsync(string folder, CancellationToken cancellationToken)
    {
        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(folder);
        if (PostgresPrograms.ServerUser is not { } user)
        {
            return folder;
        }

        var reachable = await PostgresPrograms.RunAsServerUserAsync(
            ["test", "-x", folder], TimeSpan.FromSeconds(10), cancellationToken).ConfigureAwait(false);
        if (!reachable.Succeeded)
        {
            var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..12];
            var elsewhere = $"/var/tmp/smscrm-{name}";
            Directory.CreateDirectory(elsewhere);
            await File.WriteAllTextAsync(Path.Combine(folder, Leftovers.LocationFile), elsewhere + "\n", cancellationToken).ConfigureAwait(false);
            folder = elsewhere;
        }

        var owned = await SystemProgram.RunAsync(
            "chown", [user, folder], TimeSpan.FromSeconds(10), cancellationToken: cancellationToken).ConfigureAwait(false);
        return owned.Succeeded ? folder : throw new LocalServerException($"{folder} can't be given to the user {user}: {owned.Output}");
    }
}
