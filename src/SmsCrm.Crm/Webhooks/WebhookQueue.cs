using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Webhooks;

/// <summary>
/// What is due. Endpoints are taken, not deliveries: one worker has an endpoint at a time, whoever has waited longest comes first, and an
/// endpoint with a million deliveries takes one turn like any other. A worker that dies loses what it held when the hold runs out.
/// </summary>
internal sealed class WebhookQueue(NpgsqlDataSource database)
{
    /// <summary>Deliveries of one visit at most.</summary>
    public const int MostPerVisit = 64;

    private const string TakeSql = """
        WITH due AS (
          SELECT id FROM webhook_endpoints WHERE slow_lane = $1 AND due_at <= now() AND state <> 'off' ORDER BY due_at LIMIT $2
          FOR NO KEY UPDATE SKIP LOCKED
        ), taken AS (
          UPDATE webhook_endpoints e SET held_by = $3, held_until = clock_timestamp() + $4, due_at = clock_timestamp() + $4
          FROM due WHERE e.id = due.id
          RETURNING e.id, e.tenant_id, e.url, e.version, e.state, e.failures, e.failing_since, e.reason, e.slow_lane, e.secret_sealed,
            CASE WHEN e.previous_until > now() THEN e.previous_sealed END AS previous
        )
        SELECT t.*, d.id, d.tries, d.attempts, d.body
        FROM taken t LEFT JOIN LATERAL (
          SELECT id, tries, attempts, body FROM webhook_deliveries
          WHERE endpoint_id = t.id AND state = 0 AND due_at <= now() ORDER BY due_at, id LIMIT $5
        ) d ON true
        ORDER BY t.id
        """;

    /// <summary>Takes up to <paramref name="limit"/> endpoints that have something to do.</summary>
    /// <param name="slowLane">Those that fail or are slow, or the others.</param>
    public async Task<IReadOnlyList<HeldEndpoint>> TakeAsync(bool slowLane, int limit, Guid holder, TimeSpan hold, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(TakeSql);
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = slowLane });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = holder });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = hold });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MostPerVisit });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var taken = new List<HeldEndpoint>();
        var due = new List<DueDelivery>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            if (taken.Count == 0 || taken[^1].Id != reader.GetGuid(0))
            {
                due = [];
                taken.Add(Endpoint(reader, due));
            }

            if (!reader.IsDBNull(11))
            {
                due.Add(new DueDelivery(reader.GetGuid(11), reader.GetInt16(12), reader.GetInt32(13), reader.GetString(14)));
            }
        }

        return taken;
    }

    private static HeldEndpoint Endpoint(NpgsqlDataReader reader, List<DueDelivery> due) => new(
        reader.GetGuid(0),
        new TenantId(reader.GetGuid(1)),
        reader.GetString(2),
        reader.GetInt64(3),
        new EndpointHealth(
            Enum.Parse<WebhookState>(reader.GetString(4), ignoreCase: true),
            reader.GetInt32(5),
            reader.IsDBNull(6) ? null : new DateTimeOffset(reader.GetDateTime(6), TimeSpan.Zero),
            reader.IsDBNull(7) ? null : reader.GetString(7)),
        reader.GetBoolean(8),
        reader.IsDBNull(10) ? [reader.GetFieldValue<byte[]>(9)] : [reader.GetFieldValue<byte[]>(9), reader.GetFieldValue<byte[]>(10)],
        due);
}
