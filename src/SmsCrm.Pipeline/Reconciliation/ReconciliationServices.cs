using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Reconciliation;

public static class ReconciliationServices
{
    /// <summary>Unfinished claims and missing receipts, for the role <c>send</c>. Needs the ledger and the provider's room.</summary>
    public static IServiceCollection AddReconciliation(this IServiceCollection services)
    {
        services.AddRoomOptions<ReconciliationOptions>(ReconciliationOptions.Section);
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Leases>();
        services.TryAddSingleton<ReconciliationMetrics>();
        services.TryAddSingleton<AttemptReads>();
        services.TryAddSingleton<ProviderList>();
        services.TryAddSingleton<UnknownOutcomes>();
        services.TryAddSingleton<EvidenceVisits>();
        services.TryAddSingleton<UnfinishedClaims>();
        services.AddOnBootClock<EvidenceClock>();
        services.TryAddSingleton<UnheardMessages>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ReconciliationLoop>());
        return services;
    }
}
