namespace SmsCrm.Server.Roles;

/// <summary>gRPC, REST send, the provider's callbacks: what is taken in.</summary>
internal static class IngestRole
{
    public static void AddIngestRole(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddGrpc(grpc =>
        {
            // A batch of 1,000 long texts; gRPC's own default of 4 MB is too little.
            grpc.MaxReceiveMessageSize = Hosting.Listeners.MaxBodyBytes;
            grpc.EnableDetailedErrors = false;
        });
        services.AddGrpcReflection();
    }

    public static void MapIngestRole(this WebApplication app)
    {
        app.MapGrpcReflectionService();
    }
}
