using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SmsCrm.Pipeline.Waiting;

internal static class WaitingServices
{
    /// <summary>What waits, and its way back into the pipeline.</summary>
    public static IServiceCollection AddWaiting(this IServiceCollection services)
    {
        services.TryAddSingleton<LaneBacklogs>();
        return services;
    }
}
