using System.Globalization;
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
            .Produces<SummaryView>(StatusCodes.Status200OK, "application/json", CsvAnswer.MediaType)
            .WithDescription(
                "From the rollup of the ledger: exact at every moment, and as fast for a hundred million messages as for one. compare=previous adds the "
                + "range of as many days before; Accept: text/csv or format=csv gives the states as CSV, those of the range before beside them.");
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

    private static async Task<IResult> SummariseAsync(
        HttpContext context,
        SummaryQueries summaries,
        ExportSlots exports,
        string? campaign_id,
        string? from,
        string? to,
        string? compare,
        string? format,
        CancellationToken cancellation)
    {
        var query = new QueryReader(context.Request.Query, "campaign_id", "from", "to", "compare", "format");
        var campaign = query.CampaignId(campaign_id);
        var (first, last) = (query.Day("from", from), query.Day("to", to));
        if (first > last)
        {
            query.Refuse("from", from!, $"it is after 'to' ({to}): exchange them");
        }

        var compares = query.Compare(compare);
        if (compares && (first is null || last is null))
        {
            query.Refuse("compare", compare!, "a range has an end on both sides: give both 'from' and 'to'");
        }

        if (compares && !query.HasErrors && first!.Value.DayNumber <= last!.Value.DayNumber - first.Value.DayNumber)
        {
            query.Refuse("from", from!, $"as many days before it as until 'to' ({to}) begin before the year 1: ask for fewer days, or leave out 'compare'");
        }

        var asCsv = CsvAnswer.IsAsked(context.Request, query, format);
        if (query.HasErrors)
        {
            return query.Problem();
        }

        var tenant = context.Tenant().Id;
        var summary = compares
            ? await summaries.CompareAsync(tenant, campaign, first!.Value, last!.Value, cancellation)
            : await summaries.SummariseAsync(tenant, campaign, first, last, cancellation);
        context.Response.Headers.CacheControl = "no-store";
        return asCsv ? CsvAnswer.Of(exports.Slots, tenant, "summary.csv", StatesOf(summary)) : TypedResults.Ok(summary);
    }

    private static async IAsyncEnumerable<IReadOnlyList<string>> StatesOf(SummaryView summary)
    {
        string[] names = ["state", "messages", "segments"];
        yield return summary.Previous is null ? names : [.. names, "previous_messages", "previous_segments"];
        var before = summary.Previous?.States;
        foreach (var state in summary.States.Keys.Union(before?.Keys ?? []))
        {
            yield return [state, .. Fields(summary.States, state), .. before is null ? [] : Fields(before, state)];
        }

        await Task.CompletedTask;

        static string[] Fields(IReadOnlyDictionary<string, StateCountView> states, string state)
        {
            var count = states.GetValueOrDefault(state, new StateCountView(0, 0));
            return [count.Messages.ToString(CultureInfo.InvariantCulture), count.Segments.ToString(CultureInfo.InvariantCulture)];
        }
    }
}
