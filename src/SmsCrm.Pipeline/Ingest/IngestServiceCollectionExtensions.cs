using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>Wiring of the room. Needs storage (NpgsqlDataSource, Redis), the ledger and the record producer.</summary>
public static class IngestServiceCollectionExtensions
{
    /// <summary>What accepts messages: <see cref="MessageIntake"/>.</summary>
    public static IServiceCollection AddIngest(this IServiceCollection services)
    {
        services.AddOptions<IngestOptions>().BindConfiguration(IngestOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<IngestOptions>, IngestOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IngestMetrics>();
        services.TryAddSingleton<MessageIdSource>();
        services.TryAddSingleton<MessageValidator>();
        services.TryAddSingleton<ISendKeys, SendKeys>();
        services.TryAddSingleton<IdempotencyKeys>();
        services.TryAddSingleton<LedgerQueue>();
        services.TryAddSingleton<IRequestLog, KafkaRequestLog>();
        services.TryAddSingleton<MessageCancellation>();
        services.TryAddSingleton(static provider => new MessageIntake(
            provider.GetRequiredService<MessageValidator>(),
            provider.GetRequiredService<MessageIdSource>(),
            provider.GetRequiredService<IdempotencyKeys>(),
            provider.GetRequiredService<LedgerQueue>(),
            provider.GetRequiredService<IRequestLog>(),
            provider.GetRequiredService<IOptions<IngestOptions>>(),
            provider.GetRequiredService<IngestMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<MessageIntake>>()));
        return services;
    }
}
