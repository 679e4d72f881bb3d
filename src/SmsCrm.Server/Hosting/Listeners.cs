using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace SmsCrm.Server.Hosting;

/// <summary>The three listeners: HTTP/1.1 for REST and metrics, HTTP/2 without TLS for gRPC.</summary>
internal sealed class Listeners(IOptions<ServerOptions> options) : IConfigureOptions<KestrelServerOptions>
{
    /// <summary>Above the endpoints' own limits of 8 MB, which answer with a sentence; gRPC's framing fits too.</summary>
    public const int MaxBodyBytes = (8 * 1024 * 1024) + (64 * 1024);

    public void Configure(KestrelServerOptions kestrel)
    {
        var server = options.Value;
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        kestrel.Listen(server.Address, server.HttpPort, listen => listen.Protocols = HttpProtocols.Http1);
        kestrel.Listen(server.Address, server.GrpcPort, listen => listen.Protocols = HttpProtocols.Http2);
        kestrel.Listen(server.Address, server.MetricsPort, listen => listen.Protocols = HttpProtocols.Http1);
    }
}
