using System.Globalization;

namespace SmsCrm.Server.Endpoints.Reports;

/// <summary>429 where as many answers as may run at once are running: with the seconds after which to ask again, since nobody knows when one ends.</summary>
internal sealed class TooManyAtOnce(string title, string detail, int retryAfterSeconds) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.RetryAfter = retryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Problem(detail, statusCode: StatusCodes.Status429TooManyRequests, title: title, type: "about:blank").ExecuteAsync(httpContext);
    }
}
