using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmsCrm.Contracts;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Streams;
using SmsCrm.Streams.Consuming;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>Wiring of the room. Needs storage (NpgsqlDataSource, Redis), the ledger, the record producer and, to accept, the links' shelf.</summary>
public static class IngestServiceCollectionExtensions
{
    /// <summary>The recorder's consumer, as metrics and health name it.</summary>
    public const string RecorderName = "recorder";

    internal const string RecorderGroup = "smscrm-recorder";

    /// <summary>What accepts messages: <see cref="MessageIntake"/>.</summary>
    public static IServiceCollection AddIngest(this IServiceCollection services)
    {
        services.AddIngestOptions();
        services.AddOnBootClock<MessageIdSource>();
        services.AddHostedService(static provider => new ClockLoop(
            provider.GetRequiredService<Npgsql.NpgsqlDataSource>(),
            provider.GetRequiredService<MessageIdSource>(),
            BootClock.Instance,
            provider.GetRequiredService<ILogger<ClockLoop>>()));
        services.TryAddSingleton<MessageValidator>();
        services.TryAddSingleton<ISendKeys, SendKeys>();
        services.TryAddSingleton<IdempotencyKeys>();
        services.TryAddSingleton<LedgerQueue>();
        services.TryAddSingleton<Acceptance>();
        services.TryAddSingleton<Admission>();
        services.TryAddSingleton<GroupLag>();
        services.TryAddSingleton<IRequestLog, KafkaRequestLog>();
        services.AddCancellation();
        services.TryAddSingleton(static provider => new MessageIntake(
            provider.GetRequiredService<MessageValidator>(),
            provider.GetRequiredService<MessageIdSource>(),
            provider.GetRequiredService<IdempotencyKeys>(),
            provider.GetRequiredService<Acceptance>(),
            provider.GetRequiredService<Admission>(),
            provider.GetRequiredService<ILinkShelf>(),
            provider.GetRequiredService<IOptions<IngestOptions>>(),
            provider.GetRequiredService<IngestMetrics>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<AdmissionLoop>();
        services.AddHostedService<IngestWarmUpWorker>();
        return services;
    }

    /// <summary><see cref="MessageCancellation"/>. Needs the ledger.</summary>
    public static IServiceCollection AddCancellation(this IServiceCollection services)
    {
        services.AddIngestOptions();
        services.TryAddSingleton<MessageCancellation>();
        return services;
    }

    /// <summary><see cref="Redrive"/>, for the command. Needs the ledger and the record producer.</summary>
    public static IServiceCollection AddRedrive(this IServiceCollection services)
    {
        services.TryAddSingleton<IRequestLog, KafkaRequestLog>();
        services.TryAddSingleton(static provider => new Redrive(provider.GetRequiredService<QueuedRequests>(), provider.GetRequiredService<IRequestLog>()));
        return services;
    }

    /// <summary>The recorder: a consumer of <c>sms.requests.*</c> in the group <c>smscrm-recorder</c>, and what writes its rows.</summary>
    public static IServiceCollection AddRecorder(this IServiceCollection services)
    {
        services.AddIngestOptions();
        services.TryAddSingleton<RequestRecorder>();
        services.TryAddSingleton<CampaignNames>();
        services.AddHostedService<RecorderWorker>();
        services.AddSendKeyRetention(static provider => TimeSpan.FromHours(provider.GetRequiredService<IOptions<IngestOptions>>().Value.IdempotencyKeyHours));

        // After the worker: a stop ends the consumer first, which waits for what is in work.
        services.AddStreamConsumer<RequestRecorder>(new ConsumerOptions
        {
            Name = RecorderName,
            GroupId = RecorderGroup,
            Topics = [Topics.TransactionalRequests, Topics.MarketingRequests],
            Workers = 1,
            BatchSize = 500,
            BatchLingerMs = 50,
            WindowSize = 4_096,
        });
        return services;
    }

    private static void AddIngestOptions(this IServiceCollection services)
    {
        services.AddOptions<IngestOptions>().BindConfiguration(IngestOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<IngestOptions>, IngestOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<IngestMetrics>();
    }
}
