using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using SmsCrm.Server.Hosting;

namespace SmsCrm.Server.Problems;

/// <summary>Turns what a REST request did not handle into a problem document; what failed on our side goes to the log.</summary>
internal sealed class UnhandledErrors(IProblemDetailsService problems, ILogger<UnhandledErrors> logger) : IExceptionHandler
{
    public static bool IsAway(Exception exception) =>
        exception is Npgsql.NpgsqlException { IsTransient: true } or TimeoutException or StackExchange.Redis.RedisException;

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone: there is nobody to answer.
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var (status, title, detail) = Describe(exception);
        if (status >= 500)
        {
            Log.RequestFailed(logger, context.Request.Method, RouteOf(context), ProblemServices.TraceId(context), exception);
        }

        context.Response.StatusCode = status;
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "2";
        }

        var problem = new ProblemDetails { Status = status, Title = title, Detail = detail, Type = "about:blank" };
        if (UnreadParameter.Of(exception) is { } parameter)
        {
            (problem.Title, problem.Detail) = ("Invalid query", "One parameter is wrong.");
            problem.Extensions["errors"] = new[] { parameter };
        }

        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem });
    }

    /// <summary>As it is declared: the path itself may hold a recipient's number.</summary>
    private static string RouteOf(HttpContext context) =>
        ((context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint()) as RouteEndpoint)?.RoutePattern.RawText ?? "a path without an endpoint";

    private static (int Status, string Title, string Detail) Describe(Exception exception) => exception switch
    {
        BadHttpRequestException bad => (bad.StatusCode, "The request could not be read", bad.Message),
        _ when IsAway(exception) => (
            StatusCodes.Status503ServiceUnavailable,
            "Temporarily unavailable",
            "Something that this request needs does not answer at the moment. Try again in a few seconds."),
        _ => (
            StatusCodes.Status500InternalServerError,
            "An error on our side",
            "The request failed unexpectedly. Tell the operators the trace_id; a retry with the same idempotency key is safe."),
    };
}
