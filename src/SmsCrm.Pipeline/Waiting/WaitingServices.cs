using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Waiting;

internal static class WaitingServices
{
    /// <summary>What waits, and its way back into the pipeline. Needs an Npgsql data source and the provider's directory.</summary>
    public static IServiceCollection AddWaiting(this IServiceCollection services)
    {
        services.AddRoomOptions<WaitingOptions>(WaitingOptions.Section);
        services.TryAddSingleton<LaneBacklogs>();
        services.TryAddSingleton<GivenOut>();
        services.AddMetrics();
        services.TryAddSingleton<WaitingMetrics>();
        services.TryAddSingleton<WaitingReads>();
        services.TryAddSingleton<ReleasedMessages>();
        services.TryAddSingleton<Leases>();
        services.TryAddSingleton<QueuedFeed>();
        return services.AddOnBootClock<Releaser>();
    }

    /// <summary>The loop that gives out; registered last of all, so that it stops first.</summary>
    public static IServiceCollection AddWaitingLoop(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, WaitingLoop>());
        return services;
    }
}
