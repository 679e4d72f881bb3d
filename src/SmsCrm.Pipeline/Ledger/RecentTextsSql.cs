using Npgsql;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>What went to recipients lately, read the same way for the gates and for the claim.</summary>
internal static class RecentTextsSql
{
    /// <summary>Claimed, unknown, taken in any state, and uncertain: what may have reached the recipient. $1: tenants, $2: numbers.</summary>
    public const string Read = """
        SELECT wanted.tenant_id, wanted.number, m.claimed_at, m.purpose, m.content_hash
        FROM unnest($1, $2) AS wanted (tenant_id, number)
        CROSS JOIN LATERAL (
          SELECT claimed_at, purpose, content_hash FROM messages
          WHERE recipient = wanted.number AND tenant_id = wanted.tenant_id AND claimed_at IS NOT NULL AND state IN (3, 4, 5, 6, 7, 8, 9, 13)
          ORDER BY id DESC LIMIT 1000
        ) m
        """;

    public static (TenantId Tenant, PhoneNumber Number, RecentText Text) ReadRow(NpgsqlDataReader row) => (
        new TenantId(row.GetGuid(0)),
        new PhoneNumber(row.GetInt64(1)),
        new RecentText(new DateTimeOffset(row.GetDateTime(2), TimeSpan.Zero), (Purpose)row.GetInt16(3), row.GetInt64(4)));
}
