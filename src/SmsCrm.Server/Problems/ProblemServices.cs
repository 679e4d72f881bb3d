using System.Diagnostics;
using Grpc.AspNetCore.Server;

namespace SmsCrm.Server.Problems;

/// <summary>Every error of the REST API is a problem document (RFC 9457), every error of the gRPC API a status; what failed on our side shows nothing of its insides.</summary>
internal static class ProblemServices
{
    public static IServiceCollection AddProblems(this IServiceCollection services)
    {
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
            context.ProblemDetails.Extensions["trace_id"] = TraceId(context.HttpContext));
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

    internal static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
}
