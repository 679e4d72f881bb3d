using SmsCrm.Crm.Access;
using SmsCrm.Crm.Webhooks;
using SmsCrm.Pipeline.Links;
using SmsCrm.Server.Endpoints.Reports;

namespace SmsCrm.Server.Endpoints.Management;

/// <summary>A tenant's webhooks: where its events are sent, and what became of each delivery.</summary>
internal static class WebhookEndpoints
{
    private const int DefaultPage = 50;
    private const int DefaultOverlapHours = 24;

    public static void MapWebhooks(this IEndpointRouteBuilder app)
    {
        var v1 = app.MapGroup("/v1/webhooks").RequireAuthorization(AccessPolicies.Tenant).WithTags("Webhooks")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized);
        v1.MapGet("", ListAsync).Knows().WithName("ListWebhooks").WithSummary("The endpoints that events are sent to, with how they are doing");
        v1.MapPost("", CreateAsync).Knows().WithName("CreateWebhook").WithSummary("Adds an endpoint; its secret is in this answer and in no other")
            .WithDescription(
                "Deliveries follow Standard Webhooks 1.0.0: a POST of {type, timestamp, data} with webhook-id, webhook-timestamp and webhook-signature. "
                + "Any answer of 2xx is a delivery; 410 switches the endpoint off; everything else is tried again over three days. "
                + "Events may come more than once and in any order: go by webhook-id and data.version. "
                + $"Events: {string.Join(", ", WebhookEvents.All)}. {WebhookEvents.Received} is a recipient's text: provider_sid, from, to, body, keyword, reply_to, "
                + $"campaign_id. {WebhookEvents.Clicked} is one following of a short link, HEAD requests left out: message_id, placeholder, url, at, human, flags (why "
                + $"it was no person: {string.Join(", ", HitWords.OfClicks)}), to, client_reference, campaign_id. What is not known is absent.");
        v1.MapGet("/{id:guid}", GetAsync).Knows().WithName("GetWebhook").ProducesProblem(StatusCodes.Status404NotFound).WithSummary("One endpoint");
        v1.MapPut("/{id:guid}", UpdateAsync).Knows("version").WithName("PutWebhook").ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).WithSummary("Replaces an endpoint's address, events and whether it is on")
            .WithDescription(
                "An endpoint that was slowed or switched off begins afresh with what waits; events that happened while it was off are not delivered. "
                + "version (query) is the one that was read; 0 changes whatever is there.");
        v1.MapDelete("/{id:guid}", DeleteAsync).Knows().WithName("DeleteWebhook").ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Removes an endpoint with all that waits for it");
        v1.MapPost("/{id:guid}/rotate-secret", RotateAsync).Knows("overlap_hours").WithName("RotateWebhookSecret").ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Makes a new secret; for overlap_hours both sign (0 to 168, default 24)");
        v1.MapPost("/{id:guid}/test", TestAsync).Knows().WithName("TestWebhook").ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).WithSummary("Sends a webhook.test event");
        v1.MapGet("/{id:guid}/deliveries", DeliveriesAsync).WithName("ListWebhookDeliveries").ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Deliveries, newest first, in pages: go on with next_cursor until it is absent");
        v1.MapGet("/{id:guid}/deliveries/{delivery:guid}", DeliveryAsync).Knows().WithName("GetWebhookDelivery").ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One delivery with its body and every attempt: status, latency, the answer's first bytes");
        v1.MapPost("/{id:guid}/deliveries/{delivery:guid}/redeliver", RedeliverAsync).Knows().WithName("RedeliverWebhook")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Makes a delivery again, under the same webhook-id");
    }

    private static async Task<IResult> ListAsync(HttpContext context, WebhookStore webhooks, CancellationToken cancellation) =>
        Results.Ok(new WebhookListJson([.. (await webhooks.ListAsync(context.Tenant().Id, cancellation)).Select(WebhookJson.Of)]));

    private static async Task<IResult> GetAsync(Guid id, HttpContext context, WebhookStore webhooks, CancellationToken cancellation) =>
        await webhooks.GetAsync(context.Tenant().Id, id, cancellation) is { } found ? Results.Ok(WebhookJson.Of(found)) : NotFound();

    private static async Task<IResult> CreateAsync(HttpContext context, WebhookStore webhooks, CancellationToken cancellation)
    {
        var (body, problem) = await ManagementJson.ReadAsync<WebhookSettingsJson>(context, cancellation);
        return problem ?? SettingsAnswers.Of(
            await webhooks.CreateAsync(context.Tenant().Id, body!.ToSettings(), context.ApiCaller().KeyName, cancellation),
            WebhookJson.Of,
            static made => $"/v1/webhooks/{made.Endpoint.Id}");
    }

    private static async Task<IResult> UpdateAsync(Guid id, HttpContext context, WebhookStore webhooks, CancellationToken cancellation, long version = 0)
    {
        var (body, problem) = await ManagementJson.ReadAsync<WebhookSettingsJson>(context, cancellation);
        return problem ?? SettingsAnswers.Of(
            await webhooks.UpdateAsync(context.Tenant().Id, id, version, body!.ToSettings(), context.ApiCaller().KeyName, cancellation), WebhookJson.Of);
    }

    private static async Task<IResult> DeleteAsync(Guid id, HttpContext context, WebhookStore webhooks, CancellationToken cancellation) =>
        await webhooks.DeleteAsync(context.Tenant().Id, id, context.ApiCaller().KeyName, cancellation) ? Results.NoContent() : NotFound();

    private static async Task<IResult> RotateAsync(
        Guid id, HttpContext context, WebhookStore webhooks, CancellationToken cancellation, int overlap_hours = DefaultOverlapHours) =>
        SettingsAnswers.Of(
            await webhooks.RotateSecretAsync(context.Tenant().Id, id, overlap_hours, context.ApiCaller().KeyName, cancellation), WebhookJson.Of);

    private static async Task<IResult> TestAsync(Guid id, HttpContext context, WebhookDeliveries deliveries, CancellationToken cancellation)
    {
        var (outcome, delivery) = await deliveries.TestAsync(context.Tenant().Id, id, cancellation);
        return Answer(outcome, id, delivery);
    }

    private static async Task<IResult> RedeliverAsync(
        Guid id, Guid delivery, HttpContext context, WebhookDeliveries deliveries, CancellationToken cancellation) =>
        Answer(await deliveries.RedeliverAsync(context.Tenant().Id, id, delivery, cancellation), id, delivery);

    private static async Task<IResult> DeliveriesAsync(
        Guid id, HttpContext context, WebhookStore webhooks, WebhookDeliveries deliveries, string? limit, string? cursor, CancellationToken cancellation)
    {
        var query = new QueryReader(context.Request.Query, "limit", "cursor");
        var size = query.Limit(limit, DefaultPage, WebhookDeliveries.MostPerPage);
        Guid? before = Guid.TryParseExact(cursor, "N", out var place) ? place : null;
        if (cursor is not null && before is null)
        {
            query.Refuse("cursor", cursor, "it is no next_cursor of this list: begin again without it");
        }

        if (query.HasErrors)
        {
            return query.Problem();
        }

        if (await webhooks.GetAsync(context.Tenant().Id, id, cancellation) is null)
        {
            return NotFound();
        }

        var page = await deliveries.ListAsync(context.Tenant().Id, id, before, size, cancellation);
        return Results.Ok(new WebhookDeliveryListJson([.. page], page.Count == size ? page[^1].Id.ToString("N") : null));
    }

    private static async Task<IResult> DeliveryAsync(
        Guid id, Guid delivery, HttpContext context, WebhookDeliveries deliveries, CancellationToken cancellation) =>
        await deliveries.GetAsync(context.Tenant().Id, id, delivery, cancellation) is { } found ? Results.Ok(found) : NotFound();

    private static IResult Answer(EnqueueOutcome outcome, Guid endpoint, Guid delivery) => outcome switch
    {
        EnqueueOutcome.Enqueued => Results.Accepted(
            $"/v1/webhooks/{endpoint}/deliveries/{delivery}", new WebhookEnqueuedJson(delivery, WebhookDeliveries.IdOf(delivery))),
        EnqueueOutcome.SwitchedOff => ManagementJson.Problem(
            StatusCodes.Status409Conflict, "Switched off", "The endpoint is off: switch it on first, with enabled true."),
        _ => NotFound(),
    };

    private static IResult NotFound() => ManagementJson.Problem(StatusCodes.Status404NotFound, "Not found", "There is nothing of that id.");
}
