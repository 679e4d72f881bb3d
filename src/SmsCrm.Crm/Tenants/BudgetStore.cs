using System.Globalization;
using Dapper;
using Npgsql;
using SmsCrm.Crm.Audit;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Tenants;

/// <summary>A limit of money, and what is used of it, in millionths of the currency's unit.</summary>
/// <param name="CampaignId">Empty: the whole tenant's.</param>
/// <param name="HeldMicros">For messages that are on their way.</param>
public sealed record Budget(string CampaignId, long LimitMicros, string Currency, long HeldMicros, long SpentMicros, long Version);

/// <summary>The one writer of <c>budgets</c>; what is used of them the ledger writes.</summary>
public sealed class BudgetStore(NpgsqlDataSource database, TimeProvider time)
{
    private const long MostMicros = 1_000_000_000_000_000;
    private const int ListLimit = 10_000;

    /// <summary>A tenant's budgets by campaign, up to 10,000.</summary>
    public async Task<IReadOnlyList<Budget>> ListAsync(TenantId tenant, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var rows = await connection.QueryAsync<(string Campaign, long Limit, string Currency, long Held, long Spent, long Version)>(new CommandDefinition(
            """
            SELECT b.campaign_id, b.limit_micros, b.currency, u.held_micros + coalesce(d.held, 0), u.spent_micros + coalesce(d.spent, 0), b.version
            FROM budgets b JOIN budget_use u ON u.budget_id = b.id
            LEFT JOIN LATERAL (
              SELECT sum(held_micros)::bigint AS held, sum(spent_micros)::bigint AS spent FROM budget_deltas WHERE budget_id = b.id
            ) d ON true
            WHERE b.tenant_id = @tenant ORDER BY b.campaign_id LIMIT @limit
            """,
            new { tenant = tenant.Value, limit = ListLimit },
            cancellationToken: cancellation)).ConfigureAwait(false);
        return [.. rows.Select(row => new Budget(row.Campaign, row.Limit, row.Currency, row.Held, row.Spent, row.Version))];
    }

    /// <summary>Makes a budget or changes its limit. A lowered limit stops new messages only.</summary>
    /// <param name="campaignId">Empty: the whole tenant's.</param>
    /// <param name="limitMicros">0 to 1,000,000,000 units.</param>
    public async Task<SettingsOutcome<Budget>> PutAsync(
        TenantId tenant, string campaignId, long limitMicros, string actor, CancellationToken cancellation)
    {
        if (campaignId.Length > 64)
        {
            return new SettingsOutcome<Budget>.Refused($"campaign_id has {campaignId.Length} characters: it has up to 64.");
        }

        if (limitMicros is < 0 or > MostMicros)
        {
            return new SettingsOutcome<Budget>.Refused(FormattableString.Invariant($"limit is {limitMicros / 1_000_000m}: it must be from 0 to 1,000,000,000."));
        }

        await SettingsTransaction.RunAsync(
            database,
            async (connection, transaction) =>
            {
                var values = new { id = Guid.CreateVersion7(time.GetUtcNow()), tenant = tenant.Value, campaign = campaignId, limit = limitMicros };
                var before = await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
                    "SELECT limit_micros FROM budgets WHERE tenant_id = @tenant AND campaign_id = @campaign FOR UPDATE", values, transaction, cancellationToken: cancellation))
                    .ConfigureAwait(false);
                await connection.ExecuteAsync(new CommandDefinition(
                    """
                    INSERT INTO budgets AS b (id, tenant_id, campaign_id, limit_micros) VALUES (@id, @tenant, @campaign, @limit)
                    ON CONFLICT (tenant_id, campaign_id) DO UPDATE SET limit_micros = EXCLUDED.limit_micros, version = b.version + 1, updated_at = now()
                    """,
                    values,
                    transaction,
                    cancellationToken: cancellation)).ConfigureAwait(false);
                await ChangeLog.WriteAsync(
                    connection, transaction, tenant, actor, before is null ? "create" : "update", campaignId.Length == 0 ? "budget" : $"budget of {campaignId}",
                    Json(before), Json(limitMicros), cancellation).ConfigureAwait(false);
                return true;
            },
            cancellation).ConfigureAwait(false);
        return new SettingsOutcome<Budget>.Done((await ListAsync(tenant, cancellation).ConfigureAwait(false)).Single(budget => budget.CampaignId == campaignId));
    }

    private static string? Json(long? limit) => limit is { } micros ? string.Create(CultureInfo.InvariantCulture, $$"""{"limit_micros":{{micros}}}""") : null;
}
