using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Suppression;

/// <summary>The tenants' opt-outs: (tenant, number), for all its senders and purposes. Facts read them with every batch.</summary>
public sealed class SuppressionList(NpgsqlDataSource database)
{
    private const string SuppressSql = """
        INSERT INTO recipients AS r (tenant_id, number, suppressed_at, suppressed_source) VALUES ($1, $2, clock_timestamp(), $3)
        ON CONFLICT (tenant_id, number) DO UPDATE
        SET suppressed_at = EXCLUDED.suppressed_at, suppressed_source = EXCLUDED.suppressed_source
        WHERE r.suppressed_at IS NULL OR r.lifted_at >= r.suppressed_at
        """;

    /// <summary>
    /// Suppresses a number; one that is suppressed already keeps its first time. Who acknowledges it to anybody does so 2.1 s
    /// after this returned, always: until then a batch whose facts did not see it may still begin its POSTs.
    /// </summary>
    /// <param name="source">Where the opt-out came from, up to 100 characters.</param>
    public async Task SuppressAsync(TenantId tenant, PhoneNumber number, string source, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(SuppressSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number.Digits });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = source });
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
