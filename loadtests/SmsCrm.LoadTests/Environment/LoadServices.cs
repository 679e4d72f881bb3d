using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SmsCrm.Crm.Access;
using SmsCrm.Crm.Tenants;
using SmsCrm.Crm.Webhooks;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Server.Local;
using SmsCrm.Storage;

namespace SmsCrm.LoadTests.Environment;

/// <summary>The product's own stores on a started system's servers, by its settings: what is set up for a load is made as the product makes it.</summary>
internal static class LoadServices
{
    public static ServiceProvider For(LocalSystem system)
    {
        var settings = system.Settings.Select(setting =>
            new KeyValuePair<string, string?>(setting.Key.Replace("__", ":", StringComparison.Ordinal), setting.Value));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton(TimeProvider.System);
        services.AddStorage(configuration);
        services.AddAccess();
        services.AddProvider();
        services.AddTenants();
        services.AddWebhooks();
        services.AddLinks();
        return services.BuildServiceProvider();
    }
}
