using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace SmsCrm.Web;

public static class WebServices
{
    /// <summary>The pages, rendered on the server. Needs a <see cref="StatusReader"/>.</summary>
    public static IServiceCollection AddWebPages(this IServiceCollection services)
    {
        services.AddRazorComponents();
        return services;
    }

    /// <summary><c>/</c>. Needs the antiforgery middleware.</summary>
    public static void MapWebPages(this IEndpointRouteBuilder endpoints) => endpoints.MapRazorComponents<App>();
}
