namespace SmsCrm.Server.Roles;

/// <summary>The web pages.</summary>
internal static class WebRole
{
    public static void AddWebRole(this IServiceCollection services, IConfiguration configuration)
    {
    }

    public static void MapWebRole(this WebApplication app)
    {
    }
}
