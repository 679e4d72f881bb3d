using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace SmsCrm.Pipeline.Provider;

public static class ProviderServices
{
    /// <summary>
    /// <see cref="ISmsProvider"/>, <see cref="ProviderDirectory"/> with its loop, <see cref="SecretSeal"/> and <see cref="ProviderMetrics"/>.
    /// Needs an <see cref="NpgsqlDataSource"/>. May be called more than once.
    /// </summary>
    public static IServiceCollection AddProvider(this IServiceCollection services)
    {
        services.AddProviderSecrets();
        services.AddMetrics();
        services.TryAddSingleton<ProviderMetrics>();
        services.TryAddSingleton<TwilioConnections>();
        services.TryAddSingleton<ISmsProvider, TwilioSmsProvider>();
        services.TryAddSingleton(static s => new ProviderDirectory(
            s.GetRequiredService<NpgsqlDataSource>(),
            s.GetRequiredService<SecretSeal>(),
            s.GetRequiredService<ProviderMetrics>(),
            s.GetRequiredService<ILogger<ProviderDirectory>>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ProviderDirectoryLoop>());
        return services;
    }

    /// <summary>Only <see cref="ProviderOptions"/> and <see cref="SecretSeal"/>, for commands that store accounts.</summary>
    public static IServiceCollection AddProviderSecrets(this IServiceCollection services)
    {
        services.AddOptions<ProviderOptions>().BindConfiguration(ProviderOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ProviderOptions>, ProviderOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SecretSeal>();
        return services;
    }
}
