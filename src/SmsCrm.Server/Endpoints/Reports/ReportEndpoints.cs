using Microsoft.AspNetCore.Http.HttpResults;
using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Messages;
using SmsCrm.Reporting.Summary;

namespace SmsCrm.Server.Endpoints.Reports;

/// <summary>What a tenant reads of its messages over REST.</summary>
internal static class ReportEndpoints
{
    private const int DefaultPage = 50;

    public static void MapReports(this IEndpointRouteBuilder app)
    {
        var reports = app.MapGroup("/v1").RequireAuthorization(AccessPolicies.Tenant).WithTags("Reports")
            .ProducesProblem(StatusCodes.Status401Unauthorized);
        reports.MapGet("/messages/{id}", FindAsync).WithName("GetMessage")
            .WithSummary("A message with everything that happened to it")
            .WithDescription("There as soon as it was accepted: for an id that is seconds old the answer waits up to 5 s for the ledger.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        reports.MapGet("/messages", PageAsync).WithName("ListMessages").ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("The tenant's messages, newest first, in pages")
            .WithDescription(
                "Go on with next_cursor until it is absent. With a filter by state or campaign a page looks through 20,000 messages at most, "
                + "so it may be shorter than asked, even empty, and still have a next_cursor.");
        reports.MapGet("/reports/summary", SummariseAsync).WithName("GetSummary").ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Messages and segments by state and reason")
            .WithDescription("From the rollup of the ledger: exact at every moment, and as fast for a hundred million messages as for one.");
    }

    private static async Task<Results<Ok<MessageView>, ProblemHttpResult>> FindAsync(
        string id, HttpContext context, MessageLookup lookup, CancellationToken cancellation)
    {
        var found = MessageId.TryParse(id, out var messageId)
            ? await lookup.FindAsync(context.Tenant().Id, messageId, cancellation)
            : null;
        return found is null
            ? TypedResults.Problem($"There is no message '{id}' of this tenant.", statusCode: StatusCodes.Status404NotFound, title: "No such message", type: "about:blank")
            : TypedResults.Ok(found);
    }

    private static async Task<Results<Ok<MessagePageView>, ProblemHttpResult>> PageAsync(
        HttpContext context,
        MessageQueries messages,
        string? campaign_id,
        string? state,
        string? recipient,
        string? limit,
        string? cursor,
        CancellationToken cancellation)
    {
        var query = new QueryReader(context.Request.Query, "campaign_id", "state", "recipient", "limit", "cursor");
        var filter = new MessageFilter(query.CampaignId(campaign_id), query.State(state), query.Recipient(recipient));
        var size = query.Limit(limit, DefaultPage, MessageQueries.MaxPage);
        if (cursor is not null && !MessageCursor.Fits(cursor, filter))
        {
            query.Refuse("cursor", cursor, "it is no next_cursor of this list with these filters: begin again without it");
        }

        return query.HasErrors
            ? query.Problem()
            : TypedResults.Ok(await messages.PageAsync(context.Tenant().Id, filter, size, cursor, cancellation));
    }

    private static async Task<Results<Ok<SummaryView>, ProblemHttpResult>> SummariseAsync(
        HttpContext context, SummaryQueries summaries, string? campaign_id, string? from, string? to, CancellationToken cancellation)
    {
        var query = new QueryReader(context.Request.Query, "campaign_id", "from", "to");
        var campaign = query.CampaignId(campaign_id);
        var (first, last) = (query.Day("from", from), query.Day("to", to));
        if (first > last)
        {
            query.Refuse("from", from!, $"it is after 'to' ({to}): exchange them");
        }

        return query.HasErrors
            ? query.Problem()
            : TypedResults.Ok(await summaries.SummariseAsync(context.Tenant().Id, campaign, first, last, cancellation));
    }
}
