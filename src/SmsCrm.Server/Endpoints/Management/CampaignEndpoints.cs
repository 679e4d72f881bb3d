using SmsCrm.Crm.Access;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Server.Endpoints.Management;

/// <summary>Pauses, resumes and cancels: a message, a campaign, a recipient, everything.</summary>
internal static class CampaignEndpoints
{
    public static void MapCancellations(this IEndpointRouteBuilder app)
    {
        var v1 = app.MapGroup("/v1").RequireAuthorization(AccessPolicies.Tenant).WithTags("Messages")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized);
        v1.MapPost("/messages/{id}/cancel", CancelMessageAsync).WithName("CancelMessage").WithSummary("Cancels a message that has not been handed to the provider");
        v1.MapPost("/messages/cancel-all", CancelAllAsync).WithName("CancelAll").WithSummary("Cancels everything that was accepted so far")
            .WithDescription("Answered after 2.1 s, when none of it can leave any more; so are the cancellations of a campaign and of a recipient.");
        v1.MapPost("/campaigns/{id}/cancel", CancelCampaignAsync).WithName("CancelCampaign").WithSummary("Cancels what a campaign has accepted so far");
        v1.MapPost("/campaigns/{id}/pause", PauseAsync).WithName("PauseCampaign").WithSummary("What the campaign has waits until it is resumed");
        v1.MapPost("/campaigns/{id}/resume", ResumeAsync).WithName("ResumeCampaign").WithSummary("Lets a paused campaign go on");
        v1.MapPost("/recipients/{number}/cancel", CancelRecipientAsync).WithName("CancelRecipient").WithSummary("Cancels what waits for a recipient");
    }

    private static async Task<IResult> CancelMessageAsync(string id, HttpContext context, MessageCancellation cancellation, CancellationToken cancelled) =>
        Answer(await cancellation.CancelAsync(context.Tenant().Id, id, cancelled));

    private static Task<IResult> CancelAllAsync(HttpContext context, MessageCancellation cancellation, CancellationToken cancelled) =>
        CancelAsync(context, cancellation, CancellationTarget.Everything, cancelled);

    private static Task<IResult> CancelCampaignAsync(string id, HttpContext context, MessageCancellation cancellation, CancellationToken cancelled) =>
        WrongCampaign(id) is { } wrong
            ? Task.FromResult(wrong)
            : CancelAsync(context, cancellation, new CancellationTarget(id, null), cancelled);

    private static Task<IResult> CancelRecipientAsync(string number, HttpContext context, MessageCancellation cancellation, CancellationToken cancelled) =>
        PhoneNumber.TryParseE164(number, out var recipient)
            ? CancelAsync(context, cancellation, new CancellationTarget(null, recipient), cancelled)
            : Task.FromResult<IResult>(RecipientEndpoints.BadNumber(number));

    private static async Task<IResult> CancelAsync(
        HttpContext context, MessageCancellation cancellation, CancellationTarget target, CancellationToken cancelled) =>
        Answer(await cancellation.CancelAsync(context.Tenant().Id, target, context.ApiCaller().KeyName, cancelled));

    private static Task<IResult> PauseAsync(string id, HttpContext context, CampaignStore campaigns, CancellationToken cancelled) =>
        SetAsync(id, isPaused: true, context, campaigns, cancelled);

    private static Task<IResult> ResumeAsync(string id, HttpContext context, CampaignStore campaigns, CancellationToken cancelled) =>
        SetAsync(id, isPaused: false, context, campaigns, cancelled);

    private static async Task<IResult> SetAsync(string id, bool isPaused, HttpContext context, CampaignStore campaigns, CancellationToken cancelled)
    {
        if (WrongCampaign(id) is { } wrong)
        {
            return wrong;
        }

        await campaigns.SetPausedAsync(context.Tenant().Id, id, isPaused, context.ApiCaller().KeyName, cancelled);
        return Results.Ok(new CampaignStateJson(id, isPaused ? "paused" : "active"));
    }

    private static IResult? WrongCampaign(string id) => CampaignIds.Wrong(id) is { } wrong ? ManagementJson.Invalid($"id is '{id}': {wrong}.") : null;

    private static IResult Answer(CancelOutcome outcome) => outcome switch
    {
        CancelOutcome.Judged { Result: TransitionResult.Won } => Results.Ok(new CancelledJson(1, 0, 0)),
        CancelOutcome.Judged { Result: TransitionResult.TooLate } => Results.Ok(new CancelledJson(0, 1, 0)),
        CancelOutcome.Judged => Results.Ok(new CancelledJson(0, 0, 1)),
        CancelOutcome.Counted { Count: var count } => Results.Ok(new CancelledJson(
            count.Cancelled + count.Waiting, count.TooLate, count is { Cancelled: 0, Waiting: 0, TooLate: 0 } ? 1 : 0)),
        CancelOutcome.BadId bad => ManagementJson.Invalid($"{bad.Violation.Field} {bad.Violation.Detail}."),
        CancelOutcome.Unavailable away => ManagementJson.Problem(StatusCodes.Status503ServiceUnavailable, "Unavailable", away.Reason),
        _ => throw new InvalidOperationException($"No answer for {outcome.GetType().Name}"),
    };
}

/// <param name="State"><c>active</c> or <c>paused</c>.</param>
internal sealed record CampaignStateJson(string CampaignId, string State);

/// <param name="Cancelled">None of these leaves any more.</param>
/// <param name="TooLate">Handed to the provider already, or about to be.</param>
/// <param name="NotFound">1 where there is nothing of that id.</param>
internal sealed record CancelledJson(long Cancelled, long TooLate, long NotFound);
