using Microsoft.AspNetCore.Http.HttpResults;
using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Conversations;

namespace SmsCrm.Server.Endpoints.Reports;

/// <summary>What a tenant and its recipients wrote to one another, and the texts that somebody is to read.</summary>
internal static class ConversationEndpoints
{
    private const int DefaultPage = 50;

    public static void MapConversations(this IEndpointRouteBuilder app)
    {
        var v1 = app.MapGroup("/v1").RequireAuthorization(AccessPolicies.Tenant).WithTags("Conversations")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized);
        v1.MapGet("/conversations", ListAsync).WithName("ListConversations").WithSummary("Who wrote, the newest first, with the last text of each")
            .WithDescription("A page looks through limit texts, so it may have fewer recipients, even none, and still a next_cursor.");
        v1.MapGet("/conversations/{number}", OfAsync).WithName("GetConversation").WithSummary("Texts to and from a number, newest first, in pages")
            .WithDescription("A message stands where it was handed to the provider (sent_at), before that where it was accepted (accepted_at), so it may move up between "
                + "two pages. An inbound text names the message and campaign that it answers: the last text from that sender to that number within 30 days before it.");
        v1.MapGet("/reviews", ReviewsAsync).WithName("ListReviews").WithSummary("Texts that looked like a wish to stop: suppressed at once, and to be read by somebody")
            .WithDescription("state is open (default), confirmed or lifted.");
    }

    private static async Task<Results<Ok<ConversationView>, ProblemHttpResult>> OfAsync(
        string number, HttpContext context, ConversationQueries conversations, string? limit, string? cursor, CancellationToken cancellation)
    {
        var query = new QueryReader(context.Request.Query, "limit", "cursor");
        if (!PhoneNumber.TryParseE164(number, out var recipient))
        {
            query.Refuse("number", number, "it is a number in E.164, such as +12125550123");
        }

        var size = query.Limit(limit, DefaultPage, ConversationQueries.MaxPage);
        var after = Cursor(query, cursor, recipient.Digits);
        return query.HasErrors
            ? query.Problem()
            : TypedResults.Ok(await conversations.OfAsync(context.Tenant().Id, recipient, size, after, cancellation));
    }

    private static async Task<Results<Ok<ConversationPageView>, ProblemHttpResult>> ListAsync(
        HttpContext context, ConversationQueries conversations, string? limit, string? cursor, CancellationToken cancellation)
    {
        var query = new QueryReader(context.Request.Query, "limit", "cursor");
        var size = query.Limit(limit, DefaultPage, ConversationQueries.MaxPage);
        var after = Cursor(query, cursor, 0);
        return query.HasErrors ? query.Problem() : TypedResults.Ok(await conversations.ListAsync(context.Tenant().Id, size, after, cancellation));
    }

    private static async Task<Results<Ok<ReviewPageView>, ProblemHttpResult>> ReviewsAsync(
        HttpContext context, ReviewQueries reviews, string? state, string? limit, string? cursor, CancellationToken cancellation)
    {
        var query = new QueryReader(context.Request.Query, "state", "limit", "cursor");
        var size = query.Limit(limit, DefaultPage, ReviewQueries.MaxPage);
        if (state is not null && !ReviewQueries.States.Contains(state))
        {
            query.Refuse("state", state, $"it is one of {string.Join(", ", ReviewQueries.States)}");
        }

        Guid? below = null;
        if (cursor is not null)
        {
            below = Guid.TryParseExact(cursor, "D", out var id) ? id : null;
            if (below is null)
            {
                query.Refuse("cursor", cursor, "it is no next_cursor of this list: begin again without it");
            }
        }

        return query.HasErrors ? query.Problem() : TypedResults.Ok(await reviews.PageAsync(context.Tenant().Id, state ?? "open", size, below, cancellation));
    }

    private static ConversationCursor? Cursor(QueryReader query, string? text, long subject)
    {
        if (text is null)
        {
            return null;
        }

        if (!ConversationCursor.TryParse(text, subject, out var cursor))
        {
            query.Refuse("cursor", text, "it is no next_cursor of this list: begin again without it");
        }

        return cursor;
    }
}
