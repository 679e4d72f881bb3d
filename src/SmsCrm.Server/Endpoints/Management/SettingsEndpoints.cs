using System.Text.Json.Nodes;
using SmsCrm.Crm.Access;
using SmsCrm.Crm.Audit;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Server.Endpoints.Management;

/// <summary>What a tenant decides about its sending: gate settings and budgets, and who changed them.</summary>
internal static class SettingsEndpoints
{
    public static void MapSettings(this IEndpointRouteBuilder app)
    {
        var settings = app.MapGroup("/v1").RequireAuthorization(AccessPolicies.Tenant).WithTags("Settings")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized);
        settings.MapGet("/settings/gates", ReadGatesAsync).WithName("GetGateSettings").WithSummary("The gates' settings, with their version");
        settings.MapPut("/settings/gates", WriteGatesAsync).WithName("PutGateSettings").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Replaces the gates' settings")
            .WithDescription("The query's version is the one that was read (0 where there was none): a change of somebody else's is not overwritten.");
        settings.MapGet("/budgets", ListBudgetsAsync).WithName("ListBudgets").WithSummary("Limits of money, and what is held and spent of them");
        settings.MapPut("/budgets/tenant", PutTenantBudgetAsync).WithName("PutTenantBudget").WithSummary("Sets the limit of everything that is sent");
        settings.MapPut("/budgets/campaigns/{id}", PutCampaignBudgetAsync).WithName("PutCampaignBudget").WithSummary("Sets the limit of a campaign");
        settings.MapGet("/changes", ListChangesAsync).WithName("ListChanges").WithSummary("Who changed what, newest first")
            .WithDescription("limit is 1 to 200, default 50; before is the id to go on below.");
    }

    private static async Task<IResult> ReadGatesAsync(HttpContext context, GateSettingsStore store, CancellationToken cancellation) =>
        Gates(await store.ReadAsync(context.Tenant().Id, cancellation));

    private static async Task<IResult> WriteGatesAsync(HttpContext context, GateSettingsStore store, CancellationToken cancellation, long version = 0)
    {
        var (text, problem) = await ManagementJson.ReadTextAsync(context, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (JsonShape.Errors(text!, TenantRulesJson.Shape) is { Count: > 0 } errors)
        {
            return ManagementJson.Invalid(errors);
        }

        var rules = TenantRulesJson.Read(text!, version);
        return await store.WriteAsync(context.Tenant().Id, rules, version, context.ApiCaller().KeyName, cancellation) switch
        {
            SettingsOutcome<TenantRules>.Done done => Gates(done.Value),
            SettingsOutcome<TenantRules>.Refused refused => ManagementJson.Invalid(refused.Errors),
            SettingsOutcome<TenantRules>.Stale stale => ManagementJson.Problem(
                StatusCodes.Status409Conflict, "Changed meanwhile", $"The settings have version {stale.CurrentVersion}, not {version}: read them again."),
            var other => throw new InvalidOperationException($"No answer for {other.GetType().Name}"),
        };
    }

    private static IResult Gates(TenantRules rules) =>
        Results.Json(new JsonObject { ["version"] = rules.Version, ["settings"] = JsonNode.Parse(TenantRulesJson.Write(rules)) });

    private static async Task<IResult> ListBudgetsAsync(HttpContext context, BudgetStore store, CancellationToken cancellation) =>
        Results.Ok(new BudgetListJson([.. (await store.ListAsync(context.Tenant().Id, cancellation)).Select(BudgetJson.Of)]));

    private static Task<IResult> PutTenantBudgetAsync(HttpContext context, BudgetStore store, CancellationToken cancellation) =>
        PutBudgetAsync(context, store, "", cancellation);

    private static Task<IResult> PutCampaignBudgetAsync(string id, HttpContext context, BudgetStore store, CancellationToken cancellation) =>
        CampaignIds.Wrong(id) is { } wrong
            ? Task.FromResult<IResult>(ManagementJson.Invalid($"id is '{id}': {wrong}."))
            : PutBudgetAsync(context, store, id, cancellation);

    private static async Task<IResult> PutBudgetAsync(HttpContext context, BudgetStore store, string campaign, CancellationToken cancellation)
    {
        var (body, problem) = await ManagementJson.ReadAsync<BudgetLimitJson>(context, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (!Micros.TryOf(body!.Limit, Micros.MostLimit, out var limit))
        {
            return ManagementJson.Invalid(Micros.Refusal("limit", body.Limit, Micros.MostLimit));
        }

        return await store.PutAsync(context.Tenant().Id, campaign, limit, context.ApiCaller().KeyName, cancellation) switch
        {
            SettingsOutcome<Budget>.Done done => Results.Ok(BudgetJson.Of(done.Value)),
            SettingsOutcome<Budget>.Refused refused => ManagementJson.Invalid(refused.Errors),
            var other => throw new InvalidOperationException($"No answer for {other.GetType().Name}"),
        };
    }

    private static Task<IResult> ListChangesAsync(
        HttpContext context, ChangeLog changes, CancellationToken cancellation, long before = 0, int limit = 50) =>
        ShowChangesAsync(changes, context.Tenant().Id, before, limit, cancellation);

    /// <param name="tenant">The default one: of the whole platform.</param>
    public static async Task<IResult> ShowChangesAsync(ChangeLog changes, TenantId tenant, long before, int limit, CancellationToken cancellation)
    {
        if (limit is < 1 or > 200)
        {
            return ManagementJson.Invalid(FormattableString.Invariant($"limit is {limit}: it must be from 1 to 200."));
        }

        var found = await changes.ReadAsync(tenant, before, limit, cancellation);
        return Results.Json(new JsonObject
        {
            ["changes"] = new JsonArray([.. found.Select(change => new JsonObject
            {
                ["id"] = change.Id,
                ["at"] = change.At,
                ["actor"] = change.Actor,
                ["action"] = change.Action,
                ["subject"] = change.Subject,
                ["before"] = change.Before is null ? null : JsonNode.Parse(change.Before),
                ["after"] = change.After is null ? null : JsonNode.Parse(change.After),
            })]),
        });
    }
}

/// <param name="Limit">In the currency's units, up to six decimals.</param>
internal sealed record BudgetLimitJson(decimal Limit);

/// <param name="CampaignId">Empty: the whole tenant's.</param>
/// <param name="Held">For messages that are on their way.</param>
internal sealed record BudgetJson(string CampaignId, decimal Limit, string Currency, decimal Held, decimal Spent)
{
    public static BudgetJson Of(Budget budget) => new(
        budget.CampaignId, budget.LimitMicros / 1_000_000m, budget.Currency, budget.HeldMicros / 1_000_000m, budget.SpentMicros / 1_000_000m);
}

internal sealed record BudgetListJson(IReadOnlyList<BudgetJson> Budgets);
