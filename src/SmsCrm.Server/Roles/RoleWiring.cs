using SmsCrm.Storage;
using SmsCrm.Streams;

namespace SmsCrm.Server.Roles;

/// <summary>Which rooms a process holds: the shared ground first, then each role's own.</summary>
internal static class RoleWiring
{
    public static IServiceCollection AddRoles(this IServiceCollection services, ServerRoles roles, IConfiguration configuration)
    {
        services.AddStorage(configuration);
        services.AddStreams(configuration);
        if (roles.HasFlag(ServerRoles.Ingest))
        {
            services.AddIngestRole(configuration);
        }

        if (roles.HasFlag(ServerRoles.Send))
        {
            services.AddSendRole(configuration);
        }

        if (roles.HasFlag(ServerRoles.Record))
        {
            services.AddRecordRole(configuration);
        }

        if (roles.HasFlag(ServerRoles.Crm))
        {
            services.AddCrmRole(configuration);
        }

        if (roles.HasFlag(ServerRoles.Web))
        {
            services.AddWebRole(configuration);
        }

        return services;
    }

    public static void MapRoles(this WebApplication app, ServerRoles roles)
    {
        if (roles.HasFlag(ServerRoles.Ingest))
        {
            app.MapIngestRole();
        }

        if (roles.HasFlag(ServerRoles.Crm))
        {
            app.MapCrmRole();
        }

        if (roles.HasFlag(ServerRoles.Web))
        {
            app.MapWebRole();
        }
    }
}
