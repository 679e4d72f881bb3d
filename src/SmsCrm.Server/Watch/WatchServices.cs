using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Receipts.Inbound;
using SmsCrm.Server.Endpoints.Ingest;

namespace SmsCrm.Server.Watch;

internal static class WatchServices
{
    /// <summary>What answers the gRPC call Watch, with its one tail of all feeds. Needs the ledger.</summary>
    public static IServiceCollection AddWatch(this IServiceCollection services)
    {
        services.AddOptions<WatchOptions>().BindConfiguration(WatchOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WatchOptions>, WatchOptionsValidator>());
        services.AddFeedHold();
        services.AddSingleton<WatchMetrics>();
        services.TryAddSingleton<InboundFeed>();
        services.TryAddSingleton<ClickFeed>();
        services.AddSingleton<WatchFeeds>();
        services.AddSingleton<FeedTailLoop>();
        services.AddHostedService(static provider => provider.GetRequiredService<FeedTailLoop>());
        services.AddSingleton<IWatch, Watcher>();
        return services;
    }
}
