using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Webhooks;

/// <summary>Makes deliveries of events, for each endpoint that asked for them, and makes the endpoints due; in the feeder's transaction.</summary>
internal sealed class DeliveryEnqueue(IOptions<WebhooksOptions> options, WebhooksMetrics metrics, TimeProvider clock, ILogger<DeliveryEnqueue> logger)
{
    private const string EndpointsSql = """
        SELECT id, tenant_id, events, waiting FROM webhook_endpoints WHERE tenant_id = ANY($1) AND state <> 'off' ORDER BY id FOR NO KEY UPDATE
        """;

    private const string InsertSql = """
        INSERT INTO webhook_deliveries (id, tenant_id, endpoint_id, event, message_id, body)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
        """;

    // The rows are locked already. An endpoint that one worker holds becomes due when it is given back.
    private const string WakeSql = """
        UPDATE webhook_endpoints e SET waiting = e.waiting + n.made,
          due_at = CASE WHEN held_until > clock_timestamp() THEN due_at ELSE greatest(paused_until, least(due_at, now())) END
        FROM unnest($1, $2) AS n (id, made) WHERE e.id = n.id
        """;

    private const string SwitchOffSql = """
        UPDATE webhook_endpoints SET state = 'off', reason = $2, due_at = NULL, version = version + 1, updated_at = now() WHERE id = $1
        """;

    /// <param name="tenants">Whose messages were looked up.</param>
    /// <returns>How many were made; null: an endpoint's messages were not looked up, and the events must be read once more.</returns>
    public async Task<int?> WriteAsync(NpgsqlTransaction transaction, IReadOnlyList<FedEvent> events, Guid[] tenants, CancellationToken cancellation)
    {
        var connection = transaction.Connection!;
        var endpoints = await EndpointsAsync(connection, events, cancellation).ConfigureAwait(false);
        if (endpoints.Exists(endpoint => !tenants.Contains(endpoint.Tenant.Value)))
        {
            // Its tenant's first endpoint was made a moment ago.
            return null;
        }

        var made = await WithoutOverfullAsync(transaction, Deliveries(events, endpoints), endpoints, cancellation).ConfigureAwait(false);
        if (made.Count > 0)
        {
            await InsertAsync(connection, made, cancellation).ConfigureAwait(false);
        }

        return made.Count;
    }

    private static async Task<List<FedEndpoint>> EndpointsAsync(NpgsqlConnection connection, IReadOnlyList<FedEvent> events, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(EndpointsSql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. events.Select(static happened => happened.Tenant.Value).Distinct()] });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var endpoints = new List<FedEndpoint>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            endpoints.Add(new FedEndpoint(
                reader.GetGuid(0), new TenantId(reader.GetGuid(1)), reader.GetFieldValue<string[]>(2).ToHashSet(StringComparer.Ordinal), reader.GetInt64(3)));
        }

        return endpoints;
    }

    private List<NewDelivery> Deliveries(IReadOnlyList<FedEvent> events, List<FedEndpoint> endpoints)
    {
        var ofTenant = endpoints.ToLookup(static endpoint => endpoint.Tenant);
        var made = new List<NewDelivery>();
        foreach (var happened in events)
        {
            string? body = null;
            foreach (var endpoint in ofTenant[happened.Tenant].Where(endpoint => endpoint.Events.Contains(happened.Name)))
            {
                body ??= happened.Body();
                made.Add(new NewDelivery(Guid.CreateVersion7(clock.GetUtcNow()), endpoint, happened.Name, happened.Message, body));
            }
        }

        return made;
    }

    /// <summary>An endpoint that can't keep up is switched off rather than kept up with for ever.</summary>
    private async Task<List<NewDelivery>> WithoutOverfullAsync(
        NpgsqlTransaction transaction, List<NewDelivery> made, List<FedEndpoint> endpoints, CancellationToken cancellation)
    {
        var counts = made.CountBy(static delivery => delivery.Endpoint.Id).ToDictionary();
        var overfull = endpoints.Where(endpoint => endpoint.Waiting + counts.GetValueOrDefault(endpoint.Id) > options.Value.WaitingPerEndpoint).ToList();
        foreach (var endpoint in overfull)
        {
            var reason = FormattableString.Invariant($"{endpoint.Waiting} deliveries waited: the receiver is slower than the events come. Switch it on when it has caught up or asks for fewer events.");
            await using var off = new NpgsqlCommand(SwitchOffSql, transaction.Connection, transaction);
            off.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = endpoint.Id });
            off.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reason });
            await off.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            await SwitchOffNote.WriteAsync(transaction, endpoint.Tenant, endpoint.Id, reason, cancellation).ConfigureAwait(false);
            Log.SwitchedOff(logger, endpoint.Id, endpoint.Tenant.Value, reason);
            metrics.SwitchedOff();
        }

        return overfull.Count == 0 ? made : made.FindAll(delivery => !overfull.Contains(delivery.Endpoint));
    }

    private static async Task InsertAsync(NpgsqlConnection connection, List<NewDelivery> made, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        var insert = new NpgsqlBatchCommand(InsertSql);
        insert.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. made.Select(static d => d.Id)] });
        insert.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. made.Select(static d => d.Endpoint.Tenant.Value)] });
        insert.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. made.Select(static d => d.Endpoint.Id)] });
        insert.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. made.Select(static d => d.Event)] });
        insert.Parameters.Add(new NpgsqlParameter<Guid?[]> { TypedValue = [.. made.Select(static d => d.MessageId)] });
        insert.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. made.Select(static d => d.Body)] });
        batch.BatchCommands.Add(insert);
        var counts = made.CountBy(static delivery => delivery.Endpoint.Id).ToList();
        var wake = new NpgsqlBatchCommand(WakeSql);
        wake.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. counts.Select(static count => count.Key)] });
        wake.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. counts.Select(static count => count.Value)] });
        batch.BatchCommands.Add(wake);
        await batch.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private sealed record FedEndpoint(Guid Id, TenantId Tenant, HashSet<string> Events, long Waiting);

    private sealed record NewDelivery(Guid Id, FedEndpoint Endpoint, string Event, Guid? MessageId, string Body);
}
