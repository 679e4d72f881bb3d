using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace SmsCrm.Pipeline.Ledger;

public static class LedgerServices
{
    /// <summary>
    /// The ledger (<see cref="IMessageLedger"/>), the reconciler's reads (<see cref="ILedgerReads"/>), the feed of events
    /// (<see cref="EventFeed"/>) and the folder of counts (<see cref="CountFolder"/>); needs <c>AddStorage</c>.
    /// </summary>
    public static IServiceCollection AddLedger(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LedgerMetrics>();
        services.TryAddSingleton<LedgerEngine>();
        services.TryAddSingleton<HeldClaims>();
        services.TryAddSingleton<ProviderWords>();
        services.TryAddSingleton<IMessageLedger, MessageLedger>();
        services.TryAddSingleton<ILedgerReads, LedgerReads>();
        services.TryAddSingleton<IRecentClaims, RecentClaims>();
        services.TryAddSingleton<WaitingCounts>();
        services.TryAddSingleton<QueuedRequests>();
        services.TryAddSingleton<EventFeed>();
        services.TryAddSingleton(provider =>
            new CountFolder(provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<LedgerMetrics>()));
        services.TryAddSingleton<CountReplay>();
        services.TryAddSingleton(provider => new Cancellations(provider.GetRequiredService<NpgsqlDataSource>()));
        services.TryAddSingleton(provider => new BudgetFolder(provider.GetRequiredService<NpgsqlDataSource>()));
        return services;
    }

    /// <summary>Forgets idempotency keys after that time; for the <c>record</c> role.</summary>
    public static IServiceCollection AddSendKeyRetention(this IServiceCollection services, Func<IServiceProvider, TimeSpan> keep) =>
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<SendKeyRetentionLoop>(provider, keep(provider)));

    /// <summary>Removes short links that are over; for the <c>record</c> role.</summary>
    public static IServiceCollection AddLinkRetention(this IServiceCollection services) => services.AddHostedService<LinkRetentionLoop>();

    /// <summary>What holds the feeds back (<see cref="FeedHold"/>), looked at every second; for whoever reads them and has a <see cref="FeedLag"/>.</summary>
    public static IServiceCollection AddFeedHold(this IServiceCollection services)
    {
        services.TryAddSingleton<FeedHold>();
        return services.AddHostedService<FeedHoldLoop>();
    }

    /// <summary>Folds the counts every second; for the <c>record</c> role.</summary>
    public static IServiceCollection AddCountFolding(this IServiceCollection services) => services.AddHostedService<CountFolderLoop>();
}
