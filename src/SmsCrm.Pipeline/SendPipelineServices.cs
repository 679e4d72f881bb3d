using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using SmsCrm.Pipeline.Dispatch;
using SmsCrm.Pipeline.Gates;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Pacing;
using SmsCrm.Pipeline.Waiting;

namespace SmsCrm.Pipeline;

public static class SendPipelineServices
{
    /// <summary>
    /// The whole send path. Needs the ledger (<see cref="IMessageLedger"/>), the provider's room, storage and streams; give
    /// <see cref="RequestBatchHandler"/> to the consumers of <c>sms.requests.*</c>, registered after this: a stop then ends the
    /// sources first, then the batches in work, then the POSTs, then the writing of their outcomes.
    /// </summary>
    public static IServiceCollection AddSendPipeline(this IServiceCollection services)
    {
        // First to start and last to stop: the lock says that POSTs of this process may still come.
        services.TryAddSingleton<WorkerPresenceLoop>();
        services.AddHostedService(static s => s.GetRequiredService<WorkerPresenceLoop>());
        services.AddGates().AddPacing().AddDispatch().AddWaiting();
        services.AddRoomOptions<SendPipelineOptions>(SendPipelineOptions.Section);
        services.TryAddSingleton<PipelineHold>();
        services.AddMetrics();
        services.TryAddSingleton<SendPipelineMetrics>();
        services.AddOnBootClock<RestingItems>().AddOnBootClock<SendPipeline>();
        services.TryAddSingleton<UnreadableRequests>();
        services.TryAddSingleton(static s => new RequestBatchHandler(s.GetRequiredService<SendPipeline>(), s.GetRequiredService<UnreadableRequests>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, PipelineHoldLoop>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RestedLoop>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ReleasedLoop>());
        services.AddWaitingLoop();
        return services;
    }
}
