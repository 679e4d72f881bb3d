using FluentMigrator.Runner;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace SmsCrm.Storage.Migrations;

/// <summary>Brings the schema forward and back, one process at a time: a session lock of Postgres is held all the while.</summary>
public sealed class SchemaMigrator(IOptions<StorageOptions> options)
{
    // 'smscrm' in ASCII: the key of the advisory lock.
    private const long LockKey = 0x736d7363726d;

    /// <summary>To the newest version; returns it.</summary>
    public Task<long> MigrateUpAsync(CancellationToken cancellation) => MigrateAsync(runner => runner.MigrateUp(), cancellation);

    /// <summary>Back to <paramref name="version"/>, 0 for an empty database; returns the version reached. Data of what goes is lost.</summary>
    public Task<long> MigrateDownAsync(long version, CancellationToken cancellation) =>
        MigrateAsync(runner => runner.MigrateDown(version), cancellation);

    /// <summary>What the database has; 0 before the first migration.</summary>
    public async Task<SchemaVersion> CheckAsync(CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(PostgresConnections.Session(options.Value));
        await connection.OpenAsync(cancellation).ConfigureAwait(false);
        return SchemaVersion.Of(await ReadAsync(connection, cancellation).ConfigureAwait(false));
    }

    private async Task<long> MigrateAsync(Action<IMigrationRunner> migrate, CancellationToken cancellation)
    {
        var session = PostgresConnections.Session(options.Value);
        await using var locked = new NpgsqlConnection(session);
        await locked.OpenAsync(cancellation).ConfigureAwait(false);
        await using (var take = new NpgsqlCommand("SELECT pg_advisory_lock($1)", locked) { CommandTimeout = 0 })
        {
            take.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LockKey });
            await take.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }

        await using var services = new ServiceCollection()
            .AddFluentMigratorCore()
            .ConfigureRunner(runner => runner
                .AddPostgres15_0()
                .WithGlobalConnectionString(session)
                // A migration may rewrite a table: its deadline is the operator's patience.
                .WithGlobalCommandTimeout(TimeSpan.FromHours(12))
                .ScanIn(typeof(SchemaMigrator).Assembly).For.All())
            .BuildServiceProvider();
        using (var scope = services.CreateScope())
        {
            migrate(scope.ServiceProvider.GetRequiredService<IMigrationRunner>());
        }

        return await ReadAsync(locked, cancellation).ConfigureAwait(false);
    }

    private static async Task<long> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var known = new NpgsqlCommand("""SELECT to_regclass('"VersionInfo"') IS NOT NULL""", connection);
        if (await known.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is not true)
        {
            return 0;
        }

        await using var read = new NpgsqlCommand("""SELECT coalesce(max("Version"), 0) FROM "VersionInfo" """, connection);
        return (long)(await read.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }
}
