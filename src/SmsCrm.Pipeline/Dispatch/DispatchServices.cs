using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Suppression;

namespace SmsCrm.Pipeline.Dispatch;

internal static class DispatchServices
{
    /// <summary>Slots, the POSTs and the writing of their outcomes. Needs the ledger and the provider.</summary>
    public static IServiceCollection AddDispatch(this IServiceCollection services)
    {
        services.AddRoomOptions<DispatchOptions>(DispatchOptions.Section);
        services.AddSuppression();
        services.AddMetrics();
        services.TryAddSingleton<DispatchMetrics>();
        services.TryAddSingleton<OutcomeQueue>();
        services.TryAddSingleton<OptOutsAtProvider>();
        services.TryAddSingleton<RefusedAccounts>();
        services.TryAddSingleton(static s => new OutcomeMapping(s.GetRequiredService<DispatchOptions>(), Random.Shared));
        services.AddOnBootClock<FullSenders>().AddOnBootClock<PostSlots>().AddOnBootClock<Dispatcher>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, OutcomeLoop>());
        return services;
    }
}
