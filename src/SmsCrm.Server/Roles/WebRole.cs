namespace SmsCrm.Server.Roles;

/// <summary>The web pages.</summary>
internal static class WebRole
{
    public static void Add(IServiceCollection services, IConfiguration configuration)
    {
    }

    public static void Map(WebApplication app, ServerRoles roles)
    {
    }
}
