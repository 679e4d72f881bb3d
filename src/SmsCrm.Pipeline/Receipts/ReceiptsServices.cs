using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmsCrm.Contracts;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Receipts.Inbound;
using SmsCrm.Pipeline.Suppression;
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

    /// <summary>
    /// <see cref="InboundIntake"/>, for the role that takes the provider's calls, and what ends the messages that wait for whoever opted out.
    /// Needs <c>AddProvider</c> and the ledger.
    /// </summary>
    public static IServiceCollection AddInboundTexts(this IServiceCollection services)
    {
        services.AddReceipts();
        services.AddInboundParts();
        services.TryAddSingleton(static s => new InboundIntake(
            s.GetRequiredService<ProviderDirectory>(),
            s.GetRequiredService<ISmsProvider>(),
            s.GetRequiredService<InboundTexts>(),
            s.GetRequiredService<InboundAnswers>(),
            s.GetRequiredService<StoppedMessagesWorker>(),
            s.GetRequiredService<IOptions<ProviderOptions>>(),
            s.GetRequiredService<ReceiptsMetrics>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<InboundIntake>>()));
        return services;
    }

    /// <summary>
    /// What tenants read and decide of their inbound texts: <see cref="InboundReviews"/> and <see cref="InboundFeed"/>. Needs storage.
    /// </summary>
    public static IServiceCollection AddInboundReviews(this IServiceCollection services)
    {
        services.TryAddSingleton<InboundReviews>();
        services.TryAddSingleton<InboundFeed>();
        return services;
    }

    /// <summary>The reader of the provider's list of inbound texts. Needs <c>AddProvider</c> and the ledger.</summary>
    public static IServiceCollection AddInboundList(this IServiceCollection services)
    {
        services.AddReceipts();
        services.AddInboundParts();
        services.TryAddSingleton<Leases>();
        return services.AddHostedService<InboundListLoop>();
    }

    private static void AddInboundParts(this IServiceCollection services)
    {
        services.AddSuppression();
        services.AddLedger();
        services.TryAddSingleton<InboundTexts>();
        services.TryAddSingleton<InboundAnswers>();
        services.TryAddSingleton<StoppedMessagesWorker>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, StoppedMessagesWorker>(static s => s.GetRequiredService<StoppedMessagesWorker>()));
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
