using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SmsCrm.Pipeline.Ledger;

public static class LedgerServices
{
    /// <summary>The ledger (<see cref="IMessageLedger"/>); needs <c>AddStorage</c>.</summary>
    public static IServiceCollection AddLedger(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LedgerMetrics>();
        services.TryAddSingleton<LedgerEngine>();
        services.TryAddSingleton<ProviderWords>();
        services.TryAddSingleton<IMessageLedger, MessageLedger>();
        return services;
    }
}
