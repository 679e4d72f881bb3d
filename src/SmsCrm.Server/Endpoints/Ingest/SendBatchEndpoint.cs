using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary><c>POST /v1/messages/batch</c>: an answer for each item; the batch is no unit of its own.</summary>
internal static class SendBatchEndpoint
{
    private const int MostBytes = 8 * 1024 * 1024;

    private const string Example =
        """
        {"messages": [
          {"to": "+14155550123", "body": "Our spring sale has begun. Reply STOP to opt out.", "purpose": "marketing", "campaign_id": "spring"},
          {"to": "+14155550124", "body": "Our spring sale has begun. Reply STOP to opt out.", "purpose": "marketing", "campaign_id": "spring"}
        ]}
        """;

    public static void MapSendBatch(this IEndpointRouteBuilder messages) => messages
        .MapPost("/batch", (Delegate)SendAsync)
        .WithName("SendBatch")
        .WithSummary("Accept up to 1,000 messages")
        .WithDescription(
            "Each message is accepted or refused by itself: the answer is 200 with a status for each item, in the order of the request. "
            + "An Idempotency-Key of the batch counts for its items as key#index.")
        .AcceptsJson<BatchBody>(Example)
        .Produces<BatchJson>()
        .Produces<ProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status401Unauthorized, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status413PayloadTooLarge, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status415UnsupportedMediaType, "application/problem+json")
        .Produces<ProblemDetails>(StatusCodes.Status503ServiceUnavailable, "application/problem+json");

    private static async Task SendAsync(HttpContext context)
    {
        var batch = new Batch();
        var (_, error) = await JsonBody.ReadAsync<Batch>(
            context.Request, MostBytes, (ref reader) => batch.Read(ref reader), context.RequestAborted);
        if (error is not null)
        {
            await RestAnswers.WriteAsync(context, error);
            return;
        }

        var key = IdempotencyHeader.Read(context.Request, batch.Violations);
        if (batch.Violations.Count > 0)
        {
            await RestAnswers.WriteAsync(context, new IngestOutcome.Invalid(batch.Violations), new SendRequest());
            return;
        }

        var results = await AcceptAsync(context, batch.Items, key);
        var accepted = results.Count(static r => r.Status == StatusCodes.Status202Accepted);
        await context.Response.WriteAsJsonAsync(
            new BatchJson(accepted, results.Length - accepted, results), IngestJsonContext.Default.BatchJson, contentType: null, context.RequestAborted);
    }

    private static async Task<BatchItemJson[]> AcceptAsync(HttpContext context, List<BatchItem> items, string? key)
    {
        var caller = IngestCallers.Of(context);
        var intake = context.RequestServices.GetRequiredService<MessageIntake>();
        for (var i = 0; i < items.Count; i++)
        {
            IdempotencyHeader.Apply(key, i, items[i].Request, items[i].Violations);
        }

        var outcomes = await Task.WhenAll(items.Select(item => item.IsObject
            ? intake.AcceptAsync(caller, item.Request, context.RequestAborted, item.Violations).AsTask()
            : Task.FromResult<IngestOutcome>(new IngestOutcome.Invalid(item.Violations))));
        return [.. outcomes.Select((outcome, i) => RestAnswers.Item(i, outcome, items[i].Request))];
    }

    private sealed record BatchItem(bool IsObject, SendRequest Request, List<RequestViolation> Violations);

    private sealed class Batch
    {
        public List<BatchItem> Items { get; } = [];

        /// <summary>Of the batch as a whole.</summary>
        public List<RequestViolation> Violations { get; } = [];

        public Batch Read(ref Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                Violations.Add(new RequestViolation("body", $"is {JsonValue.Describe(ref reader)}: it must be an object with the field messages"));
                reader.Skip();
                return this;
            }

            var hasMessages = false;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var name = JsonValue.Name(ref reader);
                reader.Read();
                if (name == "messages" && !hasMessages)
                {
                    hasMessages = true;
                    ReadMessages(ref reader);
                    continue;
                }

                Violations.Add(new RequestViolation(name, name == "messages" ? "is given twice: give it once" : "is not a field of a batch: known is messages"));
                reader.Skip();
            }

            if (!hasMessages)
            {
                Violations.Add(new RequestViolation("messages", "is missing: give an array of 1 to 1,000 messages"));
            }

            return this;
        }

        private void ReadMessages(ref Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                Violations.Add(new RequestViolation("messages", $"is {JsonValue.Describe(ref reader)}: it must be an array of 1 to 1,000 messages"));
                reader.Skip();
                return;
            }

            var count = 0;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (++count > RequestLimits.MessagesPerBatch)
                {
                    reader.Skip();
                    continue;
                }

                var violations = new List<RequestViolation>();
                var request = MessageJson.Read(ref reader, violations);
                Items.Add(new BatchItem(request is not null, request ?? new SendRequest(), violations));
            }

            if (count is 0 or > RequestLimits.MessagesPerBatch)
            {
                Violations.Add(new RequestViolation("messages", $"has {count} messages: a batch has 1 to {RequestLimits.MessagesPerBatch}"));
            }
        }
    }
}
