using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace SmsCrm.Crm.Webhooks;

/// <summary>Removes deliveries and their attempts after <see cref="WebhooksOptions.KeepDays"/>, a few thousand at a time.</summary>
internal sealed class WebhookRetentionLoop(NpgsqlDataSource database, IOptions<WebhooksOptions> options, TimeProvider clock, ILogger<WebhookRetentionLoop> logger)
    : BackgroundService
{
    private const int AtOnce = 2_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    // Ids are UUIDv7: by id is by age. What still waits there is of an endpoint that is off or gone.
    private const string OldestSql = """
        SELECT id, endpoint_id FROM webhook_deliveries WHERE id < uuid7_floor(now() - make_interval(days => $1)) ORDER BY id LIMIT $2
        """;

    private const string LockSql = "SELECT FROM webhook_endpoints WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";

    private const string RemoveSql = """
        WITH gone AS (DELETE FROM webhook_deliveries WHERE id = ANY($1) RETURNING endpoint_id, state),
        waited AS (SELECT endpoint_id, count(*) AS n FROM gone WHERE state = 0 GROUP BY endpoint_id)
        UPDATE webhook_endpoints e SET waiting = greatest(0, e.waiting - w.n) FROM waited w WHERE e.id = w.endpoint_id
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        do
        {
            try
            {
                while (await RemoveSomeAsync(stoppingToken).ConfigureAwait(false))
                {
                }
            }
            catch (Exception away) when (away is NpgsqlException or TimeoutException)
            {
                Log.RetentionHeld(logger, away.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    /// <returns>Whether there may be more.</returns>
    internal async Task<bool> RemoveSomeAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        var (ids, endpoints) = await OldestAsync(connection, cancellation).ConfigureAwait(false);
        if (ids.Count == 0)
        {
            return false;
        }

        await using var locking = new NpgsqlCommand(LockSql, connection);
        locking.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. endpoints] });
        await locking.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await using var removing = new NpgsqlCommand(RemoveSql, connection);
        removing.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. ids] });
        await removing.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        return ids.Count == AtOnce;
    }

    private async Task<(List<Guid> Ids, HashSet<Guid> Endpoints)> OldestAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(OldestSql, connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.Value.KeepDays });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = AtOnce });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var (ids, endpoints) = (new List<Guid>(), new HashSet<Guid>());
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            ids.Add(reader.GetGuid(0));
            endpoints.Add(reader.GetGuid(1));
        }

        return (ids, endpoints);
    }
}
