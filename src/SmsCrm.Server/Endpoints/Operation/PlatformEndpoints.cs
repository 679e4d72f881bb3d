using SmsCrm.Crm.Access;
using SmsCrm.Crm.Audit;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Suppression;
using SmsCrm.Server.Endpoints.Management;

namespace SmsCrm.Server.Endpoints.Operation;

/// <summary>What holds for everybody: rates by country, numbers that nobody may text, and who changed them; for operators.</summary>
internal static class PlatformEndpoints
{
    public static void MapPlatform(this IEndpointRouteBuilder app)
    {
        var platform = app.MapGroup("/v1/operator").RequireAuthorization(AccessPolicies.Operator).WithTags("Operation")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden);
        platform.MapGet("/rates", ListRatesAsync).WithName("ListRates").WithSummary("What a segment costs by country: everybody's, or a tenant's own");
        platform.MapPut("/rates/{country}", PutRateAsync).WithName("PutRate").WithSummary("Sets what a segment to a country costs; ** stands for any other");
        platform.MapDelete("/rates/{country}", RemoveRateAsync).WithName("DeleteRate").WithSummary("Takes a rate away: the next one that fits counts");
        platform.MapPost("/suppressions/{number}", SuppressAsync).WithName("SuppressEverywhere").WithSummary("No tenant may text this number any more")
            .WithDescription("Answered 2.1 s after it was recorded: from then on no message to the number can leave.");
        platform.MapDelete("/suppressions/{number}", LiftAsync).WithName("LiftEverywhere").WithSummary("Lifts it, for what is accepted from now on");
        platform.MapGet("/changes", ChangesAsync).WithName("ListAllChanges").WithSummary("Who changed what of the platform, or of a tenant, newest first");
    }

    private static async Task<IResult> ListRatesAsync(RateStore rates, CancellationToken cancellation, Guid? tenant = null) =>
        Results.Ok(new RateListJson([.. (await rates.ListAsync(Of(tenant), cancellation)).Select(RateJson.Of)]));

    private static async Task<IResult> PutRateAsync(
        string country, HttpContext context, RateStore rates, CancellationToken cancellation, Guid? tenant = null)
    {
        var (body, problem) = await ManagementJson.ReadAsync<RateValueJson>(context, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        return Micros.TryOf(body!.Rate, Micros.MostRate, out var rate)
            ? SettingsAnswers.Of(await rates.PutAsync(Of(tenant), country, rate, context.ApiCaller().KeyName, cancellation), RateJson.Of)
            : ManagementJson.Invalid(Micros.Refusal("rate", body.Rate, Micros.MostRate));
    }

    private static async Task<IResult> RemoveRateAsync(
        string country, HttpContext context, RateStore rates, CancellationToken cancellation, Guid? tenant = null) =>
        SettingsAnswers.Of(await rates.RemoveAsync(Of(tenant), country, context.ApiCaller().KeyName, cancellation), RateJson.Of);

    private static async Task<IResult> SuppressAsync(
        string number, HttpContext context, SuppressionList suppressions, ChangeLog changes, CancellationToken cancellation)
    {
        if (!PhoneNumber.TryParseE164(number, out var recipient))
        {
            return RecipientEndpoints.BadNumber(number);
        }

        var acknowledgement = await suppressions.SuppressEverywhereAsync(recipient, "operator", cancellation);
        await changes.NoteAsync(context.ApiCaller().KeyName, "suppress", $"number {recipient}", cancellation);
        await acknowledgement.MayBeToldAsync(cancellation);
        return Results.Ok(new PlatformSuppressionJson(recipient.ToString(), "suppressed"));
    }

    private static async Task<IResult> LiftAsync(
        string number, HttpContext context, SuppressionList suppressions, ChangeLog changes, CancellationToken cancellation)
    {
        if (!PhoneNumber.TryParseE164(number, out var recipient))
        {
            return RecipientEndpoints.BadNumber(number);
        }

        if (!await suppressions.LiftEverywhereAsync(recipient, cancellation))
        {
            return ManagementJson.Problem(StatusCodes.Status404NotFound, "Not found", $"{recipient} is not on the platform's list.");
        }

        await changes.NoteAsync(context.ApiCaller().KeyName, "lift", $"number {recipient}", cancellation);
        return Results.Ok(new PlatformSuppressionJson(recipient.ToString(), "lifted"));
    }

    private static Task<IResult> ChangesAsync(
        ChangeLog changes, CancellationToken cancellation, Guid? tenant = null, long before = 0, int limit = 50) =>
        SettingsEndpoints.ShowChangesAsync(changes, Of(tenant) ?? default, before, limit, cancellation);

    private static TenantId? Of(Guid? tenant) => tenant is { } id ? new TenantId(id) : null;
}

/// <param name="Rate">Of a segment, in the currency's units.</param>
internal sealed record RateJson(Guid? TenantId, string Country, decimal Rate)
{
    public static RateJson Of(Rate rate) => new(rate.Tenant?.Value, rate.Country, rate.SegmentMicros / 1_000_000m);
}

internal sealed record RateListJson(IReadOnlyList<RateJson> Rates);

/// <param name="Rate">Of a segment, in the currency's units, 0 to 100, up to six decimals.</param>
internal sealed record RateValueJson(decimal Rate);

internal sealed record PlatformSuppressionJson(string Number, string State);
