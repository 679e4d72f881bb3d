using Dapper;
using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Access;

internal sealed class ApiKeyStore(NpgsqlDataSource dataSource, RevokedKeys revoked) : IApiKeyStore
{
    public async Task<ApiCaller?> FindAsync(KeyHash hash, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            """
            SELECT k.id, k.name, k.tenant_id AS tenantid, coalesce(t.default_country, '') AS defaultcountry, coalesce(t.link_domain, '') AS linkdomain,
              coalesce(t.time_zone, 'UTC') AS timezone
            FROM api_keys k LEFT JOIN tenants t ON t.id = k.tenant_id
            WHERE k.secret_hash = @hash AND k.revoked_at IS NULL
            """,
            new { hash = hash.ToBytes() },
            cancellationToken: cancellation)).ConfigureAwait(false);
        return row is null
            ? null
            : new ApiCaller(row.Id, row.Name, row.TenantId is { } tenant ? new AuthenticatedTenant(new TenantId(tenant), row.DefaultCountry, row.LinkDomain, row.TimeZone) : null, revoked);
    }

    public async Task<KeyChanges> ChangesAsync(TimeSpan lookBack, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var changes = await connection.QuerySingleAsync<Changes>(new CommandDefinition(
            """
            SELECT ARRAY(SELECT id FROM api_keys WHERE revoked_at > clock_timestamp() - @lookBack) AS revoked,
                   (SELECT version FROM settings_version) AS settingsversion
            """,
            new { lookBack },
            cancellationToken: cancellation)).ConfigureAwait(false);
        return new KeyChanges(changes.Revoked, changes.SettingsVersion);
    }

    private sealed class Row
    {
        public Guid Id { get; init; }

        public string Name { get; init; } = "";

        public Guid? TenantId { get; init; }

        public string DefaultCountry { get; init; } = "";

        public string LinkDomain { get; init; } = "";

        public string TimeZone { get; init; } = "UTC";
    }

    private sealed class Changes
    {
        public Guid[] Revoked { get; init; } = [];

        public long SettingsVersion { get; init; }
    }
}
