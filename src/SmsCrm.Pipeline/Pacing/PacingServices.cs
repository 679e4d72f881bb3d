using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Pacing;

internal static class PacingServices
{
    /// <summary>The token buckets. Needs a connection to Redis.</summary>
    public static IServiceCollection AddPacing(this IServiceCollection services)
    {
        services.AddRoomOptions<PacingOptions>(PacingOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PacingOptions>, CarrierRatesValidation>());
        services.AddMetrics();
        services.TryAddSingleton<PacingMetrics>();
        return services.AddOnBootClock<TokenBuckets>();
    }
}
