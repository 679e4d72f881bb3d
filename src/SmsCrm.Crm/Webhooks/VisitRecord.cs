using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace SmsCrm.Crm.Webhooks;

/// <summary>Writes what a visit brought, and gives its endpoint back: one transaction, the endpoint's row first.</summary>
internal sealed class VisitRecord(NpgsqlDataSource database, WebhooksMetrics metrics, ILogger<VisitRecord> logger)
{
    private const string LockSql = "SELECT version, state, held_by FROM webhook_endpoints WHERE id = $1 FOR UPDATE";

    // A delivery that another worker attempted meanwhile (its hold had run out) is that worker's.
    private const string DeliveriesSql = """
        UPDATE webhook_deliveries d SET state = a.state, tries = d.tries + 1, attempts = a.number, last_status = a.status,
          due_at = CASE WHEN a.state = 0 THEN now() + a.delay ELSE d.due_at END, finished_at = CASE WHEN a.state = 0 THEN NULL ELSE now() END
        FROM unnest($1, $2, $3, $4, $5) AS a (id, number, state, status, delay)
        WHERE d.id = a.id AND d.attempts = a.number - 1 AND d.state = 0
        RETURNING d.id, d.state
        """;

    private const string AttemptsSql = """
        INSERT INTO webhook_attempts (delivery_id, number, at, status, latency_ms, error, response_head)
        SELECT a.* FROM unnest($1, $2, $3, $4, $5, $6, $7) AS a (id, number, at, status, latency, error, head)
        WHERE EXISTS (SELECT FROM webhook_deliveries d WHERE d.id = a.id) ON CONFLICT DO NOTHING
        """;

    private const string ReturnSql = """
        UPDATE webhook_endpoints SET waiting = greatest(0, waiting - $2), held_by = NULL, held_until = NULL,
          state = $3, reason = $4, failures = $5, failing_since = $6, paused_until = now() + $7, slow_lane = $8,
          version = version + CASE WHEN state <> 'off' AND $3 = 'off' THEN 1 ELSE 0 END,
          due_at = CASE WHEN $3 <> 'off' THEN (
            SELECT CASE WHEN min(due_at) IS NOT NULL THEN greatest(now() + $7, min(due_at)) END
            FROM webhook_deliveries WHERE endpoint_id = $1 AND state = 0) END
        WHERE id = $1
        """;

    // The tenant changed it meanwhile, or it is another worker's: only what was finished counts.
    private const string ReturnUnchangedSql = """
        UPDATE webhook_endpoints SET waiting = greatest(0, waiting - $2),
          held_by = CASE WHEN held_by = $3 THEN NULL ELSE held_by END, held_until = CASE WHEN held_by = $3 THEN NULL ELSE held_until END,
          due_at = CASE WHEN state = 'off' THEN NULL WHEN held_by = $3
            THEN (SELECT min(due_at) FROM webhook_deliveries WHERE endpoint_id = $1 AND state = 0) ELSE due_at END
        WHERE id = $1
        """;

    public async Task WriteAsync(VisitResult visit, Guid holder, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        var (now, finished) = await LockAndWriteAttemptsAsync(connection, visit, cancellation).ConfigureAwait(false);
        var switchedOff = false;
        if (now is not null)
        {
            var isOurs = now.Holder == holder && now.Version == visit.Endpoint.Version;
            switchedOff = isOurs && now.State != "off" && visit.Health.State == WebhookState.Off;
            await using var back = isOurs ? Return(connection, visit, finished) : ReturnUnchanged(connection, visit.Endpoint.Id, finished, holder);
            await back.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }

        if (switchedOff)
        {
            await SwitchOffNote.WriteAsync(transaction, visit.Endpoint.Tenant, visit.Endpoint.Id, visit.Health.Reason!, cancellation).ConfigureAwait(false);
        }

        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        if (switchedOff)
        {
            metrics.SwitchedOff();
            Log.SwitchedOff(logger, visit.Endpoint.Id, visit.Endpoint.Tenant.Value, visit.Health.Reason!);
        }
    }

    private static NpgsqlCommand Return(NpgsqlConnection connection, VisitResult visit, int finished)
    {
        var health = visit.Health;
        var back = new NpgsqlCommand(ReturnSql, connection);
        back.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = visit.Endpoint.Id });
        back.Parameters.Add(new NpgsqlParameter<int> { TypedValue = finished });
        back.Parameters.Add(new NpgsqlParameter<string> { TypedValue = health.State.ToString().ToLowerInvariant() });
        back.Parameters.Add(Nullable(health.Reason, NpgsqlDbType.Text));
        back.Parameters.Add(new NpgsqlParameter<int> { TypedValue = health.Failures });
        back.Parameters.Add(Nullable(health.FailingSince, NpgsqlDbType.TimestampTz));
        back.Parameters.Add(Nullable(health.Pause, NpgsqlDbType.Interval));
        back.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = visit.IsSlowLane });
        return back;
    }

    private static NpgsqlCommand ReturnUnchanged(NpgsqlConnection connection, Guid endpoint, int finished, Guid holder)
    {
        var back = new NpgsqlCommand(ReturnUnchangedSql, connection);
        back.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = endpoint });
        back.Parameters.Add(new NpgsqlParameter<int> { TypedValue = finished });
        back.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = holder });
        return back;
    }

    /// <summary>In one round trip: few visits are recorded at once, and each keeps its slot until then.</summary>
    /// <returns>The endpoint's row (null: it was removed), and how many deliveries are done with.</returns>
    private static async Task<(Held? Now, int Finished)> LockAndWriteAttemptsAsync(NpgsqlConnection connection, VisitResult visit, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        var locking = new NpgsqlBatchCommand(LockSql);
        locking.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = visit.Endpoint.Id });
        batch.BatchCommands.Add(locking);
        if (visit.Attempted.Count > 0)
        {
            AddAttempts(batch, visit.Attempted);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var now = await reader.ReadAsync(cancellation).ConfigureAwait(false)
            ? new Held(reader.GetInt64(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetGuid(2))
            : null;
        var finished = 0;

        // Of the two statements about attempts, that about deliveries has rows.
        await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            finished += reader.GetInt16(1) == 0 ? 0 : 1;
        }

        return (now, finished);
    }

    private static void AddAttempts(NpgsqlBatch batch, IReadOnlyList<AttemptedDelivery> attempted)
    {
        var ids = attempted.Select(static a => a.Delivery.Id).ToArray();
        var numbers = attempted.Select(static a => a.Delivery.Attempts + 1).ToArray();
        var statuses = attempted.Select(static a => (short?)a.Outcome.Status).ToArray();
        var attempts = new NpgsqlBatchCommand(AttemptsSql);
        attempts.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        attempts.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = numbers });
        attempts.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. attempted.Select(static a => a.Outcome.At.UtcDateTime)] });
        attempts.Parameters.Add(new NpgsqlParameter<short?[]> { TypedValue = statuses });
        attempts.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. attempted.Select(static a => (int)a.Outcome.Latency.TotalMilliseconds)] });
        attempts.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. attempted.Select(static a => a.Outcome.Error)] });
        attempts.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. attempted.Select(static a => a.Outcome.ResponseHead)] });
        batch.BatchCommands.Add(attempts);

        var next = attempted.Select(static a => Next(a)).ToList();
        var update = new NpgsqlBatchCommand(DeliveriesSql);
        update.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        update.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = numbers });
        update.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [.. next.Select(static n => n.State)] });
        update.Parameters.Add(new NpgsqlParameter<short?[]> { TypedValue = statuses });
        update.Parameters.Add(new NpgsqlParameter<TimeSpan[]> { TypedValue = [.. next.Select(static n => n.Delay)] });
        batch.BatchCommands.Add(update);
    }

    private static (short State, TimeSpan Delay) Next(AttemptedDelivery attempted)
    {
        if (attempted.Outcome.IsDelivered)
        {
            return (1, default);
        }

        return RetrySchedule.After(attempted.Delivery.Tries + 1, Random.Shared.NextDouble()) is { } delay
            ? ((short)0, attempted.Outcome.RetryAfter is { } wish && wish > delay ? wish : delay)
            : ((short)2, default);
    }

    private static NpgsqlParameter Nullable(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    private sealed record Held(long Version, string State, Guid? Holder);
}
