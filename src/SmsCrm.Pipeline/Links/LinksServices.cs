using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Links;

public static class LinksServices
{
    /// <summary>Counting clicks again (<see cref="ClickReplay"/>). Needs storage.</summary>
    public static IServiceCollection AddClickReplay(this IServiceCollection services)
    {
        services.TryAddSingleton<ClickReplay>();
        return services;
    }

    /// <summary>The fast side of links (<see cref="ILinkShelf"/>), the redirect (<see cref="LinkRedirect"/>) and the writer of its hits, which are judged again when deliveries are heard of, and removed when their time is over. Needs storage and the provider's directory.</summary>
    public static IServiceCollection AddLinks(this IServiceCollection services)
    {
        services.AddOptions<LinksOptions>().BindConfiguration(LinksOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LinksOptions>, LinksOptionsValidator>());
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LinksMetrics>();
        services.TryAddSingleton<LinkShelf>();
        services.TryAddSingleton<ILinkShelf>(static provider => provider.GetRequiredService<LinkShelf>());
        services.TryAddSingleton<LinkMemory>();
        services.TryAddSingleton<LinkReads>();
        services.TryAddSingleton<LinkHits>();
        services.TryAddSingleton<LinkOrigins>();
        services.TryAddSingleton<LinkHitWriter>();
        services.TryAddSingleton<SoonHits>();
        services.TryAddSingleton(static provider => new LinkRedirect(
            provider.GetRequiredService<LinkMemory>(),
            provider.GetRequiredService<LinkShelf>(),
            provider.GetRequiredService<LinkReads>(),
            provider.GetRequiredService<LinkHits>(),
            provider.GetRequiredService<ProviderDirectory>(),
            provider.GetRequiredService<IOptions<LinksOptions>>(),
            provider.GetRequiredService<LinksMetrics>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<LinkOriginsLoop>();
        services.AddHostedService<LinkHitRetentionLoop>();
        services.AddHostedService<SoonHitsLoop>();
        return services.AddHostedService<LinkHitLoop>();
    }
}
