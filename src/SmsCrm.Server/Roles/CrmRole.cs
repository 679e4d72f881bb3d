using SmsCrm.Reporting;

namespace SmsCrm.Server.Roles;

/// <summary>Reports and Watch: what a tenant reads.</summary>
internal static class CrmRole
{
    public static void AddCrmRole(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddReporting();
    }

    public static void MapCrmRole(this WebApplication app)
    {
    }
}
