using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmsCrm.Contracts;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Streams;
using SmsCrm.Streams.Consuming;
using SmsCrm.Streams.Producing;

namespace SmsCrm.Pipeline.Receipts;

public static class ReceiptsServices
{
    /// <summary>The consumer's name, in logs, metrics and health, and its group.</summary>
    public const string Consumer = "receipts";

    /// <summary><see cref="StatusCallbackIntake"/>, for the role that takes callbacks. Needs <c>AddProvider</c> and <c>AddStreams</c>.</summary>
    public static IServiceCollection AddReceipts(this IServiceCollection services)
    {
        services.AddOptions<ReceiptsOptions>().BindConfiguration(ReceiptsOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ReceiptsOptions>, ReceiptsOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<ReceiptsMetrics>();
        services.TryAddSingleton(static s => new StatusCallbackIntake(
            s.GetRequiredService<ProviderDirectory>(),
            s.GetRequiredService<RecordProducer>(),
            s.GetRequiredService<IOptions<ProviderOptions>>(),
            s.GetRequiredService<IOptions<ReceiptsOptions>>(),
            s.GetRequiredService<ReceiptsMetrics>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<StatusCallbackIntake>>()));
        return services;
    }

    /// <summary>The consumer of <c>sms.events</c>, for the role that writes the record. Needs <c>AddStreams</c> and the ledger.</summary>
    public static IServiceCollection AddReceiptsWorker(this IServiceCollection services)
    {
        services.AddReceipts();
        return services.AddStreamConsumer<ReceiptsHandler>(new ConsumerOptions
        {
            Name = Consumer,
            GroupId = "smscrm." + Consumer,
            Topics = [Topics.Events],
            Workers = 2,
            BatchSize = 500,
            // A receipt is in no hurry: a fuller batch costs the ledger less.
            BatchLingerMs = 50,
        });
    }
}
