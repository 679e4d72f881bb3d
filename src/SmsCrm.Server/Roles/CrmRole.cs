using SmsCrm.Crm.Access;
using SmsCrm.Reporting;
using SmsCrm.Server.Endpoints.Ingest;
using SmsCrm.Server.Endpoints.Reports;
using SmsCrm.Server.Watch;

namespace SmsCrm.Server.Roles;

/// <summary>Reports and Watch: what a tenant reads.</summary>
internal static class CrmRole
{
    public static void Add(IServiceCollection services, IConfiguration configuration)
    {
        services.AddReporting();
        services.AddSingleton<MessageLookup>();
        services.AddMessageIngest();
        services.AddWatch();
    }

    public static void Map(WebApplication app, ServerRoles roles)
    {
        app.MapReports();
        if (!roles.HasFlag(ServerRoles.Ingest))
        {
            app.MapGrpcService<WatchOnlyService>().RequireAuthorization(AccessPolicies.Tenant);
        }
    }
}
