using Microsoft.AspNetCore.Mvc;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary><c>POST /v1/messages</c>.</summary>
internal static class SendMessageEndpoint
{
    /// <summary>A body of 1,600 characters, all escaped, with every other field full, links among them.</summary>
    private const int MostBytes = 160 * 1024;

    private const string Example =
        """{"to": "+14155550123", "body": "Your code is 123456", "purpose": "transactional", "client_reference": "login-7"}""";

    public static void MapSendMessage(this IEndpointRouteBuilder messages) => messages
        .MapPost("", (Delegate)SendAsync)
        .WithName("SendMessage")
        .WithSummary("Accept one message")
        .WithDescription(
            "202 means that the message will end in exactly one final state; Location is where its state is read. "
            + "Send an Idempotency-Key to repeat safely: the same key with the same request answers with the first message's id.")
        .AcceptsJson<MessageBody>(Example)
        .Produces<AcceptedJson>(StatusCodes.Status202Accepted)
        .Produces<ProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status401Unauthorized, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status409Conflict, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status413PayloadTooLarge, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status415UnsupportedMediaType, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status429TooManyRequests, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status503ServiceUnavailable, "application/problem+json");

    private static async Task SendAsync(HttpContext context)
    {
        var violations = new List<RequestViolation>();
        var (request, error) = await JsonBody.ReadAsync<SendRequest>(
            context.Request, MostBytes, (ref reader) => MessageJson.Read(ref reader, violations), context.RequestAborted);
        if (error is not null)
        {
            await RestAnswers.WriteAsync(context, error);
            return;
        }

        if (request is null)
        {
            await RestAnswers.WriteAsync(context, new IngestOutcome.Invalid(violations), new SendRequest());
            return;
        }

        IdempotencyHeader.Apply(context.Request, request, violations);
        var intake = context.RequestServices.GetRequiredService<MessageIntake>();
        var outcome = await intake.AcceptAsync(IngestCallers.Of(context), request, context.RequestAborted, violations);
        await RestAnswers.WriteAsync(context, outcome, request);
    }
}
