using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Server.Endpoints.Links;

/// <summary>Where recipients follow short links, unauthenticated.</summary>
internal static class LinkEndpoints
{
    private static readonly string[] PurposeHeaders = ["Purpose", "Sec-Purpose", "X-Purpose", "X-Moz"];

    public static void MapLinks(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods(LinkText.Path + "{**code}", [HttpMethods.Get, HttpMethods.Head], FollowAsync).ExcludeFromDescription();

    private static async Task FollowAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var question = new LinkQuestion(
            context.Request.RouteValues["code"] as string ?? "",
            context.Request.Host.Host,
            AddressOf(context, services.GetRequiredService<IOptions<LinksOptions>>().Value.ClientAddressHeader),
            FlagsOf(context.Request));
        var outcome = await services.GetRequiredService<LinkRedirect>().FollowAsync(question, context.RequestAborted);

        // Neither is kept by anybody on the way, nor named to where it leads, nor found by a search engine.
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store, private";
        headers["Referrer-Policy"] = "no-referrer";
        headers["X-Robots-Tag"] = "noindex";
        switch (outcome)
        {
            case LinkOutcome.To to:
                context.Response.StatusCode = StatusCodes.Status302Found;
                headers.Location = to.Url;
                return;
            case LinkOutcome.Unreachable:
                headers.RetryAfter = "2";
                await SayAsync(context, StatusCodes.Status503ServiceUnavailable, "This link can't be followed at the moment. Please try again.");
                return;
            default:
                await SayAsync(context, StatusCodes.Status404NotFound, "This link leads nowhere.");
                return;
        }
    }

    private static HitFlags FlagsOf(HttpRequest request) => BotRules.Judge(
        HttpMethods.IsHead(request.Method), request.Headers.UserAgent, PurposeHeaders.Select(name => (string?)request.Headers[name]));

    private static Task SayAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(sentence);
        return context.Response.WriteAsync(sentence, context.RequestAborted);
    }

    /// <summary>The last entry is the one that the nearest proxy wrote; those before it are whatever the client says.</summary>
    private static IPAddress? AddressOf(HttpContext context, string header)
    {
        if (header.Length == 0)
        {
            return context.Connection.RemoteIpAddress;
        }

        var entries = context.Request.Headers[header].ToString();
        return IPAddress.TryParse(entries.AsSpan(entries.LastIndexOf(',') + 1).Trim(), out var address) ? address : context.Connection.RemoteIpAddress;
    }
}
