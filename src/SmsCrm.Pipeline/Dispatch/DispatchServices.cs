using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Dispatch;

internal static class DispatchServices
{
    /// <summary>Slots, the POSTs and the writing of their outcomes. Needs the ledger, the provider and the suppression list.</summary>
    public static IServiceCollection AddDispatch(this IServiceCollection services)
    {
        services.AddRoomOptions<DispatchOptions>(DispatchOptions.Section);
        services.TryAddSingleton<DispatchMetrics>();
        services.TryAddSingleton<OutcomeQueue>();
        services.TryAddSingleton<OptOutsAtProvider>();
        services.TryAddSingleton(static s => new OutcomeMapping(s.GetRequiredService<DispatchOptions>(), Random.Shared));
        services.AddOnBootClock<PostSlots>().AddOnBootClock<Dispatcher>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, OutcomeLoop>());
        return services;
    }
}
