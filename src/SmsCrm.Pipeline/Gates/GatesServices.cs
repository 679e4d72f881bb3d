using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SmsCrm.Pipeline.Gates.Facts;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

internal static class GatesServices
{
    /// <summary>The gates and the reader of their facts. Needs an Npgsql data source.</summary>
    public static IServiceCollection AddGates(this IServiceCollection services)
    {
        services.AddRoomOptions<GatesOptions>(GatesOptions.Section);
        services.AddMetrics();
        services.TryAddSingleton<GatesMetrics>();
        services.TryAddSingleton<GateList>();
        return services.AddOnBootClock<FactsReader>();
    }
}
