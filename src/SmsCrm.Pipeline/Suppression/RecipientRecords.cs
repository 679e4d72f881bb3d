using Npgsql;
using NpgsqlTypes;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Suppression;

/// <summary>What else is known of a tenant's recipients: consent by purpose, with its evidence, and where they are. Throws Npgsql's exceptions.</summary>
public sealed class RecipientRecords(NpgsqlDataSource database, TimeProvider clock)
{
    // Consent that is older than what stands there changes nothing but the evidence: imports come late.
    private const string ConsentSql = """
        WITH put AS (
          INSERT INTO recipients AS r (tenant_id, number, {0}_consent, {0}_consent_at, {0}_consent_source) VALUES ($1, $2, $3, $4, $5)
          ON CONFLICT (tenant_id, number) DO UPDATE
          SET {0}_consent = EXCLUDED.{0}_consent, {0}_consent_at = EXCLUDED.{0}_consent_at, {0}_consent_source = EXCLUDED.{0}_consent_source
          WHERE r.{0}_consent_at IS NULL OR r.{0}_consent_at <= EXCLUDED.{0}_consent_at
        )
        INSERT INTO consent_records (tenant_id, number, purpose, kind, at, source, actor, wording) VALUES ($1, $2, $6, $7, $4, $5, $8, $9)
        """;

    private static readonly string MarketingSql = ConsentSql.Replace("{0}", "marketing", StringComparison.Ordinal);
    private static readonly string TransactionalSql = ConsentSql.Replace("{0}", "transactional", StringComparison.Ordinal);

    /// <summary>Records a yes or a no to a purpose. A no is to be acknowledged like a suppression.</summary>
    /// <param name="at">When it was said.</param>
    public async Task<Acknowledgement> SetConsentAsync(
        TenantId tenant, PhoneNumber number, Purpose purpose, bool isGiven, DateTimeOffset at, RecipientChange change, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(purpose == Purpose.Marketing ? MarketingSql : TransactionalSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number.Digits });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)(isGiven ? 1 : 2) });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = at.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = change.Source });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)purpose });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = isGiven ? "given" : "revoked" });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = change.Actor });
        command.Parameters.Add(new NpgsqlParameter { Value = change.Wording ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        return Acknowledgement.AfterCommit(clock);
    }

    /// <param name="timeZone">IANA; null: not known.</param>
    /// <param name="region">ISO 3166-2 (<c>US-TX</c>); null: not known.</param>
    public async Task SetWhereaboutsAsync(TenantId tenant, PhoneNumber number, string? timeZone, string? region, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            """
            INSERT INTO recipients (tenant_id, number, time_zone, region) VALUES ($1, $2, $3, $4)
            ON CONFLICT (tenant_id, number) DO UPDATE SET time_zone = EXCLUDED.time_zone, region = EXCLUDED.region
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number.Digits });
        command.Parameters.Add(new NpgsqlParameter { Value = timeZone ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = region ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
