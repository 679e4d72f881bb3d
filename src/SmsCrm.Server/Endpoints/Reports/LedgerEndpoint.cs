using Microsoft.AspNetCore.Http.HttpResults;
using SmsCrm.Crm.Access;
using SmsCrm.Crm.Tenants;
using SmsCrm.Reporting.Ledger;
using SmsCrm.Reporting.Reports;

namespace SmsCrm.Server.Endpoints.Reports;

/// <summary>The balanced ledger over REST: a tenant's own, or the one that an operator names.</summary>
internal static class LedgerEndpoint
{
    private const int DefaultDays = 7;
    private const int DefaultLines = 100;

    public static void MapLedger(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/ledger", ReadAsync).RequireAuthorization(AccessPolicies.AnyKey).WithTags("Reports").WithName("GetLedger")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("The balanced ledger: accepted = sent + rejected + waiting + failed + uncertain")
            .WithDescription(
                "A line for each campaign and day of acceptance, by the tenant's own clock, with every part by reason, what waits by due time, the sum, and whether it "
                + "balances: exact at every moment. from and to are days, by default the last 7, at most 92; limit is 1 to 200 lines, default 100; "
                + "go on with next_cursor until it is absent. An operator's key names the tenant by tenant_id; a tenant's key needs none.");

    private static async Task<Results<Ok<LedgerView>, ProblemHttpResult>> ReadAsync(
        HttpContext context,
        LedgerQueries ledger,
        TenantStore tenants,
        TimeProvider clock,
        string? tenant_id,
        string? campaign_id,
        string? from,
        string? to,
        string? limit,
        string? cursor,
        CancellationToken cancellation)
    {
        var query = new QueryReader(context.Request.Query, "tenant_id", "campaign_id", "from", "to", "limit", "cursor");
        var tenant = query.Tenant(tenant_id, context.ApiCaller().Tenant?.Id);
        var campaign = query.CampaignId(campaign_id);
        var known = query.HasErrors ? null : await tenants.GetAsync(tenant, cancellation);
        var today = LocalTime.DayAt(clock.GetUtcNow(), known?.Zone ?? TimeZoneInfo.Utc);
        var (first, last) = ReportDays.Read(query, from, to, today, DefaultDays, LedgerQueries.MaxDays);
        var size = query.Limit(limit, DefaultLines, LedgerQueries.MaxLines);
        if (cursor is not null && !LedgerCursor.TryDecode(cursor, out _))
        {
            query.Refuse("cursor", cursor, "it is no next_cursor of this list: begin again without it");
        }

        if (query.HasErrors)
        {
            return query.Problem();
        }

        if (context.ApiCaller().IsOperator && known is null)
        {
            return TypedResults.Problem(
                $"There is no tenant '{tenant}'.", statusCode: StatusCodes.Status404NotFound, title: "No such tenant", type: "about:blank");
        }

        return TypedResults.Ok(await ledger.ReadAsync(tenant, campaign, first, last, size, cursor, cancellation));
    }
}
