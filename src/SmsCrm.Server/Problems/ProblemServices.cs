using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using SmsCrm.Server.Hosting;

namespace SmsCrm.Server.Problems;

/// <summary>Every error of the REST API is a problem document (RFC 9457); what failed on our side shows nothing of its insides.</summary>
internal static class ProblemServices
{
    public static IServiceCollection AddProblems(this IServiceCollection services)
    {
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
            context.ProblemDetails.Extensions["trace_id"] = TraceId(context.HttpContext));
        services.AddExceptionHandler<UnhandledErrors>();
        return services;
    }

    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages();
    }

    internal static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;

    private sealed class UnhandledErrors(IProblemDetailsService problems, ILogger<UnhandledErrors> logger) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
        {
            var (status, title, detail) = Describe(exception);
            if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
            {
                // The caller is gone: there is nobody to answer.
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
                return true;
            }

            if (status >= 500)
            {
                Log.RequestFailed(logger, context.Request.Method, context.Request.Path, TraceId(context), exception);
            }

            context.Response.StatusCode = status;
            if (status == StatusCodes.Status503ServiceUnavailable)
            {
                context.Response.Headers.RetryAfter = "2";
            }

            return await problems.TryWriteAsync(new ProblemDetailsContext
            {
                HttpContext = context,
                ProblemDetails = { Status = status, Title = title, Detail = detail },
            });
        }

        private static (int Status, string Title, string Detail) Describe(Exception exception) => exception switch
        {
            BadHttpRequestException bad => (bad.StatusCode, "The request could not be read", bad.Message),
            Npgsql.NpgsqlException { IsTransient: true } or TimeoutException or StackExchange.Redis.RedisException => (
                StatusCodes.Status503ServiceUnavailable,
                "Temporarily unavailable",
                "Something that this request needs does not answer at the moment. Try again in a few seconds."),
            _ => (
                StatusCodes.Status500InternalServerError,
                "An error on our side",
                "The request failed unexpectedly. Tell the operators the trace_id; a retry with the same idempotency key is safe."),
        };
    }
}
