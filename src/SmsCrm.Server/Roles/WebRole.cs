using Microsoft.Extensions.Options;
using SmsCrm.Server.Health;
using SmsCrm.Server.Hosting;
using SmsCrm.Web;

namespace SmsCrm.Server.Roles;

/// <summary>The web pages.</summary>
internal static class WebRole
{
    public static void Add(IServiceCollection services, IConfiguration configuration)
    {
        services.AddWebPages();
        services.AddAntiforgery();
        services.AddSingleton(static provider => new StatusReader(() => ReadStatusAsync(provider)));
    }

    public static void Map(WebApplication app, ServerRoles roles)
    {
        app.UseAntiforgery();
        app.MapWebPages();
    }

    private static async Task<StatusView> ReadStatusAsync(IServiceProvider services)
    {
        var readiness = await services.GetRequiredService<HealthReport>().ReadAsync(CancellationToken.None);
        return new StatusView(
            typeof(WebRole).Assembly.GetName().Version?.ToString(3) ?? "",
            readiness.Ready,
            [.. readiness.Roles.Select(role => new RoleView(role.Key, role.Value.Missing))],
            (services.GetRequiredService<ServedRoles>().Roles & (ServerRoles.Ingest | ServerRoles.Crm)) != 0,
            services.GetRequiredService<IOptions<ServerOptions>>().Value.GrpcPort);
    }
}
