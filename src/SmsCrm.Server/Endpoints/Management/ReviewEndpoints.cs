using SmsCrm.Crm.Access;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Receipts.Inbound;

namespace SmsCrm.Server.Endpoints.Management;

/// <summary>What a tenant decides about what its recipients write: texts for review, and the answers to keywords.</summary>
internal static class ReviewEndpoints
{
    public static void MapReviews(this IEndpointRouteBuilder app)
    {
        var v1 = app.MapGroup("/v1").RequireAuthorization(AccessPolicies.Tenant).WithTags("Conversations")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized);
        v1.MapPost("/reviews/{id:guid}/confirm", ConfirmAsync).WithName("ConfirmReview").WithSummary("It was a wish to stop: the opt-out stays")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        v1.MapPost("/reviews/{id:guid}/lift", LiftAsync).WithName("LiftReview").WithSummary("It was none: its opt-out is lifted, for what is accepted from now on")
            .WithDescription("Lifts this text's own opt-out only: suppressed says whether another one of the number stands.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        v1.MapGet("/settings/answers", ReadAnswersAsync).WithName("GetInboundAnswers").WithSummary("What who writes STOP, HELP or START is told");
        v1.MapPut("/settings/answers", WriteAnswersAsync).WithName("PutInboundAnswers").WithSummary("Replaces what who writes STOP, HELP or START is told")
            .WithDescription("Only what the provider has not answered itself is answered; what is left out is not.");
    }

    private static async Task<IResult> ConfirmAsync(Guid id, HttpContext context, InboundReviews reviews, CancellationToken cancellation) =>
        Answer(id, "confirmed", await reviews.ConfirmAsync(context.Tenant().Id, id, context.ApiCaller().KeyName, cancellation));

    private static async Task<IResult> LiftAsync(Guid id, HttpContext context, InboundReviews reviews, CancellationToken cancellation) =>
        Answer(id, "lifted", await reviews.LiftAsync(context.Tenant().Id, id, context.ApiCaller().KeyName, cancellation));

    private static IResult Answer(Guid id, string state, ReviewOutcome outcome) => outcome switch
    {
        ReviewOutcome.Decided decided => Results.Ok(new ReviewDecisionJson(id, decided.Number, state, decided.IsSuppressed)),
        ReviewOutcome.NotFound => ManagementJson.Problem(StatusCodes.Status404NotFound, "No such review", $"There is no review '{id}' of this tenant."),
        ReviewOutcome.DecidedOtherwise other => ManagementJson.Problem(
            StatusCodes.Status409Conflict, "Decided already", $"The review is {other.State}: use the recipient's suppress or unsuppress for what is to be from now on."),
        _ => throw new InvalidOperationException($"No answer for {outcome.GetType().Name}"),
    };

    private static async Task<IResult> ReadAnswersAsync(HttpContext context, InboundAnswerStore answers, CancellationToken cancellation) =>
        Results.Ok(InboundAnswersJson.Of(await answers.ReadAsync(context.Tenant().Id, cancellation)));

    private static async Task<IResult> WriteAnswersAsync(HttpContext context, InboundAnswerStore answers, CancellationToken cancellation)
    {
        var (body, problem) = await ManagementJson.ReadAsync<InboundAnswersJson>(context, cancellation);
        return problem ?? SettingsAnswers.Of(
            await answers.WriteAsync(context.Tenant().Id, body!.ToTexts(), context.ApiCaller().KeyName, cancellation), InboundAnswersJson.Of);
    }
}

/// <param name="State"><c>confirmed</c> or <c>lifted</c>.</param>
/// <param name="Suppressed">Whether nothing is sent to the number: another opt-out of it may stand.</param>
internal sealed record ReviewDecisionJson(Guid Id, string Number, string State, bool Suppressed);

/// <summary>Each 1 to 1,600 characters; absent: nothing beyond what the provider answers itself.</summary>
internal sealed record InboundAnswersJson(string? Stop = null, string? Help = null, string? Start = null)
{
    public static InboundAnswersJson Of(InboundAnswerTexts texts) => new(texts.Stop, texts.Help, texts.Start);

    public InboundAnswerTexts ToTexts() => new(Stop, Help, Start);
}
