using Npgsql;
using SmsCrm.LoadTests.Measuring;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.LoadTests.Scenarios;

/// <summary>What Postgres says of a campaign: the backlog while it runs, the latency of each delivery afterwards.</summary>
/// <param name="tenant">Null: of all tenants.</param>
internal sealed class DeliveryWatch(NpgsqlDataSource database, TenantId? tenant, string campaign)
{
    /// <summary>Messages by state, from totals and deltas in one statement.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("""
            SELECT state, sum(messages)::bigint FROM (
              SELECT state, messages FROM message_counts WHERE ($1 IS NULL OR tenant_id = $1) AND campaign_id = $2
              UNION ALL
              SELECT state, messages FROM count_deltas WHERE ($1 IS NULL OR tenant_id = $1) AND campaign_id = $2) AS counts
            GROUP BY state HAVING sum(messages) <> 0
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid?> { TypedValue = tenant?.Value });
        command.Parameters.Add(new() { Value = campaign });
        var counts = new Dictionary<string, long>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            counts[((MessageState)reader.GetInt16(0)).Code()] = reader.GetInt64(1);
        }

        return counts;
    }

    /// <summary>Until as many have ended as were accepted, or nothing has changed for 30 s.</summary>
    /// <returns>The last counts.</returns>
    public Task<IReadOnlyDictionary<string, long>> DrainAsync(long accepted, TimeProvider clock, CancellationToken cancellation) =>
        DrainAsync(accepted, Ended, clock, cancellation);

    /// <summary>The same, of whatever <paramref name="counted"/> makes of the states.</summary>
    public async Task<IReadOnlyDictionary<string, long>> DrainAsync(
        long accepted, Func<IReadOnlyDictionary<string, long>, long> counted, TimeProvider clock, CancellationToken cancellation)
    {
        var changedAt = clock.GetTimestamp();
        IReadOnlyDictionary<string, long> last = new Dictionary<string, long>();
        while (true)
        {
            var counts = await CountAsync(cancellation);
            if (counted(counts) != counted(last))
            {
                changedAt = clock.GetTimestamp();
            }

            last = counts;
            if (counted(counts) >= accepted || clock.GetElapsedTime(changedAt) > TimeSpan.FromSeconds(30))
            {
                return counts;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), clock, cancellation);
        }
    }

    /// <summary>From each message's intended time to its event <c>delivered</c>; both clocks are this machine's.</summary>
    public async Task<(Latencies Latencies, DateTimeOffset? LastAt)> LatenciesAsync(
        DateTimeOffset startedAt, ArrivalSchedule schedule, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("""
            SELECT m.client_reference, min(e.at)
            FROM messages m JOIN message_events e ON e.message_id = m.id AND e.kind = $3
            WHERE ($1 IS NULL OR m.tenant_id = $1) AND m.campaign_id = $2
            GROUP BY m.id, m.client_reference
            """);
        command.CommandTimeout = 300;
        command.Parameters.Add(new NpgsqlParameter<Guid?> { TypedValue = tenant?.Value });
        command.Parameters.Add(new() { Value = campaign });
        command.Parameters.Add(new() { Value = (short)EventKind.Delivered });
        var latencies = new Latencies();
        DateTimeOffset? last = null;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var arrival = int.Parse(reader.GetString(0), System.Globalization.CultureInfo.InvariantCulture);
            var at = reader.GetFieldValue<DateTimeOffset>(1);
            latencies.Record(at - (startedAt + schedule.IntendedAt(arrival)));
            last = last is null || at > last ? at : last;
        }

        return (latencies, last);
    }

    public static long Ended(IReadOnlyDictionary<string, long> counts) =>
        counts.Where(count => count.Key is "delivered" or "undelivered" or "read" or "failed" or "rejected" or "cancelled" or "uncertain")
            .Sum(count => count.Value);
}
