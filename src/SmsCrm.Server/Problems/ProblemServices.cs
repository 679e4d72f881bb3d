using System.Diagnostics;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Mvc;

namespace SmsCrm.Server.Problems;

/// <summary>Every error of the REST API is a problem document (RFC 9457), every error of the gRPC API a status; what failed on our side shows nothing of its insides.</summary>
internal static class ProblemServices
{
    public static IServiceCollection AddProblems(this IServiceCollection services)
    {
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = static context => Complete(context.ProblemDetails, context.HttpContext));
        services.AddExceptionHandler<UnhandledErrors>();

        // Else a parameter that can't be read is a bare 400 that names nothing.
        services.Configure<RouteHandlerOptions>(static routes => routes.ThrowOnBadRequest = true);
        services.Configure<GrpcServiceOptions>(static grpc => grpc.Interceptors.Add<GrpcErrors>());
        return services;
    }

    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages();
    }

    /// <summary>The same members in every problem: what routing refused has no words of its own, and a type that says no more than the status.</summary>
    internal static void Complete(ProblemDetails problem, HttpContext context)
    {
        problem.Type = "about:blank";
        problem.Detail ??= problem.Status switch
        {
            StatusCodes.Status404NotFound => "There is nothing at this address, or the id in it is malformed. /docs lists what there is.",
            StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not answered at this address: use {context.Response.Headers.Allow}.",
            _ => null,
        };
        problem.Extensions["trace_id"] = TraceId(context);
    }

    internal static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
}
