using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SmsCrm.Pipeline.Suppression;

public static class SuppressionServices
{
    /// <summary>The opt-outs (<see cref="SuppressionList"/>) and consents (<see cref="RecipientRecords"/>). Needs storage. May be called more than once.</summary>
    public static IServiceCollection AddSuppression(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SuppressionList>();
        services.TryAddSingleton<RecipientRecords>();
        return services;
    }
}
