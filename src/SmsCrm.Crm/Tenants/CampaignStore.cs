using Dapper;
using Npgsql;
using SmsCrm.Crm.Audit;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Tenants;

/// <summary>The one writer of <c>campaigns</c>: which are paused. A campaign is an id that requests carry; one that was never paused has no row.</summary>
public sealed class CampaignStore(NpgsqlDataSource database)
{
    /// <returns>Whether it was not so before.</returns>
    public Task<bool> SetPausedAsync(TenantId tenant, string campaignId, bool isPaused, string actor, CancellationToken cancellation)
    {
        var (before, after) = isPaused ? ("active", "paused") : ("paused", "active");
        return SettingsTransaction.RunAsync(
            database,
            async (connection, transaction) =>
            {
                var changed = await connection.ExecuteAsync(new CommandDefinition(
                    """
                    INSERT INTO campaigns AS c (tenant_id, id, state) SELECT @tenant, @campaign, @after WHERE @after = 'paused'
                    ON CONFLICT (tenant_id, id) DO UPDATE SET state = 'paused', version = c.version + 1, updated_at = now() WHERE c.state <> 'paused'
                    """,
                    new { tenant = tenant.Value, campaign = campaignId, after },
                    transaction,
                    cancellationToken: cancellation)).ConfigureAwait(false);
                changed += isPaused ? 0 : await connection.ExecuteAsync(new CommandDefinition(
                    """
                    UPDATE campaigns SET state = 'active', version = version + 1, updated_at = now()
                    WHERE tenant_id = @tenant AND id = @campaign AND state = 'paused'
                    """,
                    new { tenant = tenant.Value, campaign = campaignId },
                    transaction,
                    cancellationToken: cancellation)).ConfigureAwait(false);
                if (changed == 1)
                {
                    await ChangeLog.WriteAsync(
                        connection, transaction, tenant, actor, isPaused ? "pause" : "resume", $"campaign {campaignId}",
                        $$"""{"state":"{{before}}"}""", $$"""{"state":"{{after}}"}""", cancellation).ConfigureAwait(false);
                }

                return changed == 1;
            },
            cancellation);
    }
}
