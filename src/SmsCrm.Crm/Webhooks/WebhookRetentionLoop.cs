using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Storage;

namespace SmsCrm.Crm.Webhooks;

/// <summary>Removes deliveries and their attempts after <see cref="WebhooksOptions.KeepDays"/>, a few thousand at a time.</summary>
internal sealed class WebhookRetentionLoop(NpgsqlDataSource database, IOptions<WebhooksOptions> options, TimeProvider clock, ILogger<WebhookRetentionLoop> logger)
    : RetentionLoop(TimeSpan.FromMinutes(10), atOnce: 2_000, clock)
{
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

    public override async Task<int> RemoveOnceAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        var (ids, endpoints) = await OldestAsync(connection, cancellation).ConfigureAwait(false);
        if (ids.Count == 0)
        {
            return 0;
        }

        await using var locking = new NpgsqlCommand(LockSql, connection);
        locking.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. endpoints] });
        await locking.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await using var removing = new NpgsqlCommand(RemoveSql, connection);
        removing.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. ids] });
        await removing.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        return ids.Count;
    }

    protected override void NotRemoved(Exception e) => Log.RetentionHeld(logger, e.Message);

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
