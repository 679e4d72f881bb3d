using Microsoft.Extensions.DependencyInjection.Extensions;
using SmsCrm.Crm.Access;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>Maps what accepts messages. Needs AddIngest, AddAccess and AddGrpc (<see cref="AddMessageIngest"/>).</summary>
internal static class IngestEndpoints
{
    /// <summary>More than a batch of 1,000 long texts takes; gRPC's own default of 4 MB is less.</summary>
    private const int ReceiveLimit = 8 * 1024 * 1024;

    /// <summary>gRPC with the limits of the contract.</summary>
    public static IServiceCollection AddMessageIngest(this IServiceCollection services)
    {
        services.TryAddSingleton<ServerStop>();
        services.AddGrpc(static grpc => grpc.MaxReceiveMessageSize = ReceiveLimit);
        return services;
    }

    /// <summary>The gRPC service <c>smscrm.v1.MessageIngest</c>.</summary>
    public static IEndpointConventionBuilder MapMessageIngest(this IEndpointRouteBuilder app) =>
        app.MapGrpcService<MessageIngestService>().RequireAuthorization(AccessPolicies.Tenant);

    /// <summary><c>POST /v1/messages</c> and <c>POST /v1/messages/batch</c>.</summary>
    public static void MapIngestEndpoints(this IEndpointRouteBuilder app)
    {
        var messages = app.MapGroup("/v1/messages").WithTags("Messages").RequireAuthorization(AccessPolicies.Tenant);
        messages.MapSendMessage();
        messages.MapSendBatch();
    }
}
