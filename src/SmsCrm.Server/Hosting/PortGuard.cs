using Grpc.AspNetCore.Server;
using Microsoft.Extensions.Options;

namespace SmsCrm.Server.Hosting;

/// <summary>Marks endpoints that answer on the metrics port alone.</summary>
internal sealed class OnMetricsPort
{
    public static readonly OnMetricsPort Mark = new();
}

/// <summary>
/// Ties endpoints to the local port that they belong to. The port is the connection's own: a Host header can be forged, which is why
/// <c>RequireHost</c> is not used. gRPC methods answer on the gRPC port, marked endpoints on the metrics port, all others on the HTTP port.
/// </summary>
internal sealed class PortGuard(RequestDelegate next, IOptions<ServerOptions> options)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is { } endpoint && context.Connection.LocalPort != PortOf(endpoint))
        {
            context.SetEndpoint(null);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return next(context);
    }

    private int PortOf(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<OnMetricsPort>() is not null ? options.Value.MetricsPort
        : endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is not null ? options.Value.GrpcPort
        : options.Value.HttpPort;
}
