using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>How many messages of each tenant have no end yet and are not with the provider: totals plus deltas, from one statement.</summary>
internal sealed class WaitingCounts(NpgsqlDataSource postgres)
{
    // Queued, deferred, claimed and unknown.
    private const string Sql =
        """
        SELECT tenant_id, sum(messages)::bigint FROM (
          SELECT tenant_id, messages FROM message_counts WHERE state <= 4 AND messages <> 0
          UNION ALL
          SELECT tenant_id, messages FROM count_deltas WHERE state <= 4
        ) counted GROUP BY tenant_id HAVING sum(messages) > 0
        """;

    /// <summary>Tenants of whom nothing waits are absent. Throws Npgsql's exceptions.</summary>
    public async Task<IReadOnlyDictionary<TenantId, long>> ReadAsync(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(Sql);
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var counts = new Dictionary<TenantId, long>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            counts[new TenantId(reader.GetGuid(0))] = reader.GetInt64(1);
        }

        return counts;
    }
}
