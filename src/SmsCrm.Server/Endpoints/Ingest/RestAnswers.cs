using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>Outcomes as REST says them: an accepted message, a problem document (RFC 9457), or a batch's item.</summary>
internal static class RestAnswers
{
    public static Task WriteAsync(HttpContext context, IngestOutcome outcome, SendRequest request) => outcome is IngestOutcome.Accepted accepted
        ? WriteAsync(context, Accepted(accepted, request))
        : Problem(context, Describe(outcome), outcome).ExecuteAsync(context);

    public static Task WriteAsync(HttpContext context, BodyError error) =>
        TypedResults.Problem(error.Detail, statusCode: error.Status, title: error.Title, type: "about:blank").ExecuteAsync(context);

    public static BatchItemJson Item(int index, IngestOutcome outcome, SendRequest request)
    {
        if (outcome is IngestOutcome.Accepted accepted)
        {
            return new BatchItemJson(index, StatusCodes.Status202Accepted, Accepted(accepted, request), null);
        }

        var (status, _, detail) = Describe(outcome);
        var error = new BatchErrorJson(request.ClientReference, detail, Violations(outcome), (int?)RetryAfter(outcome)?.TotalMilliseconds, MessageId(outcome));
        return new BatchItemJson(index, status, null, error);
    }

    private static AcceptedJson Accepted(IngestOutcome.Accepted accepted, SendRequest request) =>
        new(accepted.Id.ToString(), request.ClientReference, accepted.Repeated, accepted.Segments);

    private static ProblemHttpResult Problem(HttpContext context, (int Status, string Title, string Detail) what, IngestOutcome outcome)
    {
        var extensions = new Dictionary<string, object?>();
        if (Violations(outcome) is { } violations)
        {
            extensions["errors"] = violations;
        }

        if (MessageId(outcome) is { } id)
        {
            extensions["message_id"] = id;
        }

        if (RetryAfter(outcome) is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return TypedResults.Problem(what.Detail, statusCode: what.Status, title: what.Title, type: "about:blank", extensions: extensions);
    }

    private static (int Status, string Title, string Detail) Describe(IngestOutcome outcome) => outcome switch
    {
        IngestOutcome.Invalid invalid => (
            StatusCodes.Status400BadRequest,
            "Invalid message",
            invalid.Violations.Count == 1 ? "One field is wrong; nothing was accepted." : $"{invalid.Violations.Count} fields are wrong; nothing was accepted."),
        IngestOutcome.Conflict conflict => (
            StatusCodes.Status409Conflict,
            "Idempotency key in use",
            $"The idempotency key belongs to another request, which became message {conflict.First}: use a new key for a new message."),
        IngestOutcome.Busy busy => (StatusCodes.Status429TooManyRequests, "Too many messages", busy.Reason),
        IngestOutcome.Unavailable unavailable => (StatusCodes.Status503ServiceUnavailable, "Unavailable", unavailable.Reason),
        _ => throw new InvalidOperationException($"No error for {outcome.GetType().Name}"),
    };

    private static IReadOnlyList<FieldErrorJson>? Violations(IngestOutcome outcome) =>
        outcome is IngestOutcome.Invalid invalid ? [.. invalid.Violations.Select(static v => new FieldErrorJson(v.Field, v.Detail))] : null;

    private static TimeSpan? RetryAfter(IngestOutcome outcome) => outcome switch
    {
        IngestOutcome.Busy busy => busy.RetryAfter,
        IngestOutcome.Unavailable unavailable => unavailable.RetryAfter,
        _ => null,
    };

    private static string? MessageId(IngestOutcome outcome) => outcome switch
    {
        IngestOutcome.Conflict conflict => conflict.First.ToString(),
        IngestOutcome.Unavailable { Id: { } id } => id.ToString(),
        _ => null,
    };

    private static Task WriteAsync(HttpContext context, AcceptedJson accepted)
    {
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = $"/v1/messages/{accepted.MessageId}";
        return context.Response.WriteAsJsonAsync(accepted, IngestJsonContext.Default.AcceptedJson, contentType: null, context.RequestAborted);
    }
}
