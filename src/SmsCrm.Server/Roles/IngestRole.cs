using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Receipts;
using SmsCrm.Server.Endpoints.Ingest;
using SmsCrm.Server.Endpoints.Links;
using SmsCrm.Server.Endpoints.Twilio;

namespace SmsCrm.Server.Roles;

/// <summary>gRPC, REST send, the provider's callbacks, short links: what is taken in.</summary>
internal static class IngestRole
{
    public static void Add(IServiceCollection services, IConfiguration configuration)
    {
        services.AddLinks();
        services.AddIngest();
        services.AddMessageIngest();
        services.AddProvider();
        services.AddReceipts();
        services.AddInboundTexts();
        services.AddGrpcReflection();
    }

    public static void Map(WebApplication app, ServerRoles roles)
    {
        app.MapMessageIngest();
        app.MapGrpcReflectionService();
        app.MapIngestEndpoints();
        app.MapTwilio();
        app.MapLinks();
    }
}
