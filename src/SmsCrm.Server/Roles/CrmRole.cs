using SmsCrm.Reporting;
using SmsCrm.Server.Endpoints.Reports;

namespace SmsCrm.Server.Roles;

/// <summary>Reports and Watch: what a tenant reads.</summary>
internal static class CrmRole
{
    public static void Add(IServiceCollection services)
    {
        services.AddReporting();
        services.AddSingleton<MessageLookup>();
    }

    public static void Map(WebApplication app, ServerRoles roles)
    {
        app.MapReports();
    }
}
