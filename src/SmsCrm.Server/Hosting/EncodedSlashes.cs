using Microsoft.AspNetCore.Http.Features;

namespace SmsCrm.Server.Hosting;

/// <summary>
/// A campaign's id may hold a slash, which a caller writes as <c>%2F</c>. The server decodes every escape of a path but this one, so that
/// <c>a%2Fb</c> would be taken for the id <c>a%2Fb</c>, another campaign: here the values of routes are read from the target as it was sent.
/// </summary>
internal sealed class EncodedSlashes(RequestDelegate next)
{
    private const string Escaped = "%2F";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.Value?.Contains(Escaped, StringComparison.OrdinalIgnoreCase) == true && context.GetEndpoint() is RouteEndpoint endpoint)
        {
            Decode(context, endpoint);
        }

        return next(context);
    }

    private static void Decode(HttpContext context, RouteEndpoint endpoint)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var segments = target.Split('?')[0].TrimEnd('/').Split('/');
        var pattern = endpoint.RoutePattern.PathSegments;

        // The first is what stands before the first slash. Whatever the server rewrote, such as dots, does not line up: it stays as it is.
        if (!target.StartsWith('/') || segments.Length != pattern.Count + 1)
        {
            return;
        }

        for (var i = 0; i < pattern.Count; i++)
        {
            if (pattern[i].Parts is [Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { IsCatchAll: false } parameter])
            {
                context.Request.RouteValues[parameter.Name] = Uri.UnescapeDataString(segments[i + 1]);
            }
        }
    }
}
