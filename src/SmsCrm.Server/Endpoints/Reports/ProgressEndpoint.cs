using SmsCrm.Crm.Access;
using SmsCrm.Reporting.Summary;

namespace SmsCrm.Server.Endpoints.Reports;

/// <summary>How a campaign goes on, as server-sent events.</summary>
internal static class ProgressEndpoint
{
    public static void MapProgress(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/campaigns/{id}/progress", Stream).RequireAuthorization(AccessPolicies.Tenant).WithTags("Reports").WithName("WatchCampaign")
            .Produces<SummaryView>(StatusCodes.Status200OK, "text/event-stream").ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithSummary("A campaign's progress, live, as server-sent events")
            .WithDescription(
                "Event progress at once, and then once a second while the figures change; its data is the campaign's summary with as_of, a second old at most. "
                + "Event heartbeat every 15 s, so that proxies keep the connection. It ends when you leave or the server stops: connect again.");

    private static IResult Stream(string id, HttpContext context, ProgressStreams streams)
    {
        var query = new QueryReader(context.Request.Query);
        if (CampaignIds.Wrong(id) is { } wrong)
        {
            query.Refuse("id", id, wrong);
        }

        if (query.HasErrors)
        {
            return query.Problem();
        }

        if (!streams.TryTake(context.Tenant().Id))
        {
            return new TooManyAtOnce("Too many streams", "As many progress streams as may run at once are open: close one first.", retryAfterSeconds: 15);
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.ServerSentEvents<string>(streams.FollowAsync(context.ApiCaller(), id, context.RequestAborted));
    }
}
