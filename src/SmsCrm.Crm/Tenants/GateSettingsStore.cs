using Dapper;
using Npgsql;
using SmsCrm.Crm.Audit;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Crm.Tenants;

/// <summary>The one writer of <c>gate_settings</c>.</summary>
public sealed class GateSettingsStore(NpgsqlDataSource database)
{
    /// <summary>The defaults, with version 0, where the tenant never changed any.</summary>
    public async Task<TenantRules> ReadAsync(TenantId tenant, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var row = await connection.QuerySingleOrDefaultAsync<(string Settings, long Version)>(new CommandDefinition(
            "SELECT settings::text, version FROM gate_settings WHERE tenant_id = @tenant", new { tenant = tenant.Value }, cancellationToken: cancellation))
            .ConfigureAwait(false);
        return row.Settings is null ? TenantRules.Default : TenantRulesJson.Read(row.Settings, row.Version);
    }

    /// <param name="version">As it was read, 0 where there was none; another one is stale.</param>
    /// <param name="actor">Who changes it, 1 to 200 characters.</param>
    public async Task<SettingsOutcome<TenantRules>> WriteAsync(
        TenantId tenant, TenantRules rules, long version, string actor, CancellationToken cancellation)
    {
        if (TenantRulesCheck.Errors(rules) is { Count: > 0 } errors)
        {
            return new SettingsOutcome<TenantRules>.Refused(errors);
        }

        var before = await ReadAsync(tenant, cancellation).ConfigureAwait(false);
        var after = TenantRulesJson.Write(rules);
        var changed = await SettingsTransaction.RunAsync(
            database,
            async (connection, transaction) =>
            {
                var written = await connection.ExecuteAsync(new CommandDefinition(
                    """
                    INSERT INTO gate_settings AS g (tenant_id, settings, version) SELECT @tenant, @after::jsonb, 1 WHERE @version = 0
                      OR EXISTS (SELECT FROM gate_settings WHERE tenant_id = @tenant)
                    ON CONFLICT (tenant_id) DO UPDATE SET settings = EXCLUDED.settings, version = g.version + 1, updated_at = now()
                    WHERE g.version = @version
                    """,
                    new { tenant = tenant.Value, after, version },
                    transaction,
                    cancellationToken: cancellation)).ConfigureAwait(false);
                if (written == 1)
                {
                    await ChangeLog.WriteAsync(
                        connection, transaction, tenant, actor, "update", "gate_settings", TenantRulesJson.Write(before), after, cancellation).ConfigureAwait(false);
                }

                return written == 1;
            },
            cancellation).ConfigureAwait(false);
        return changed
            ? new SettingsOutcome<TenantRules>.Done(rules with { Version = version + 1 })
            : new SettingsOutcome<TenantRules>.Stale(before.Version);
    }
}
