using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.LoadTests.Webhooks;

/// <summary>What the database says of messages and deliveries.</summary>
internal sealed class WebhookCounts(NpgsqlDataSource database, WebhooksPlan plan, WebhookTenants tenants)
{
    private const int TimeoutSeconds = 300;

    private const string MessagesSql = """
        SELECT tenant_id, sum(messages)::bigint FROM (
          SELECT tenant_id, messages FROM message_counts WHERE campaign_id = $1 AND state = $2
          UNION ALL
          SELECT tenant_id, messages FROM count_deltas WHERE campaign_id = $1 AND state = $2) AS counts
        GROUP BY tenant_id
        """;

    private const string EnqueuedSql = """
        SELECT coalesce(percentile_cont(ARRAY[0.5, 0.99, 1.0]) WITHIN GROUP (
          ORDER BY extract(epoch FROM created_at - (body::jsonb ->> 'timestamp')::timestamptz) * 1000), ARRAY[0, 0, 0]::float8[])
        FROM webhook_deliveries WHERE endpoint_id = ANY($1) AND body::jsonb #>> '{data,campaign_id}' = $2
        """;

    private const string DeliveriesSql = """
        SELECT count(*), count(*) FILTER (WHERE state = 1), count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 2), coalesce(sum(attempts), 0)::bigint
        FROM webhook_deliveries WHERE endpoint_id = ANY($1)
        """;

    /// <summary>Messages of a phase that were delivered, by tenant.</summary>
    public async Task<IReadOnlyDictionary<int, long>> DeliveredAsync(string phase, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(MessagesSql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = phase });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)MessageState.Delivered });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var delivered = new Dictionary<int, long>();
        while (await reader.ReadAsync(cancellation))
        {
            delivered[tenants.NumberOf(reader.GetGuid(0))] = reader.GetInt64(1);
        }

        return delivered;
    }

    /// <summary>From the event to the delivery that was made of it for a good endpoint: p50, p99 and maximum in milliseconds.</summary>
    public async Task<IReadOnlyList<double>> ToEnqueuedAsync(string phase, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(EnqueuedSql);
        command.CommandTimeout = TimeoutSeconds;
        command.Parameters.Add(IdsOf(EndpointClass.Good));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = phase });
        var percentiles = (double[])(await command.ExecuteScalarAsync(cancellation))!;
        return [.. percentiles.Select(static ms => Math.Round(ms, 2))];
    }

    /// <param name="expected">Deliveries of all phases to the endpoints of that kind.</param>
    public async Task<DeliveryCounts> DeliveriesAsync(EndpointClass kind, long expected, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(DeliveriesSql);
        command.CommandTimeout = TimeoutSeconds;
        command.Parameters.Add(IdsOf(kind));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new DeliveryCounts(kind, expected, reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4));
    }

    private NpgsqlParameter<Guid[]> IdsOf(EndpointClass kind) => new() { TypedValue = [.. plan.Of(kind).Select(tenants.IdOf)] };
}
