using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmsCrm.Streams.Consuming;
using SmsCrm.Streams.DeadLetters;
using SmsCrm.Streams.Producing;
using SmsCrm.Streams.Reading;
using SmsCrm.Streams.Topics;

namespace SmsCrm.Streams;

public static class StreamsServiceCollectionExtensions
{
    /// <summary>
    /// The options (<c>SmsCrm:Kafka</c>), <see cref="RecordProducer"/>, <see cref="DeadLetterBox"/>, <see cref="TopicAdmin"/>, <see cref="TopicReader"/>,
    /// <see cref="StreamHealth"/> and <see cref="StreamsMetrics"/>. Connects to nothing until one of them is used.
    /// </summary>
    public static IServiceCollection AddStreams(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<KafkaOptions>().Bind(configuration.GetSection(KafkaOptions.Section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KafkaOptions>, KafkaOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<StreamsMetrics>();
        services.TryAddSingleton<StreamHealth>();
        services.TryAddSingleton(static s => new RecordProducer(
            s.GetRequiredService<IOptions<KafkaOptions>>(),
            s.GetRequiredService<StreamsMetrics>(),
            s.GetRequiredService<ILogger<RecordProducer>>(),
            s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(static s => new DeadLetterBox(
            s.GetRequiredService<RecordProducer>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<DeadLetterBox>>()));
        services.TryAddSingleton<TopicAdmin>();
        services.TryAddSingleton<TopicReader>();
        return services;
    }

    /// <summary>
    /// A consumer that runs with the host. Its <see cref="ConsumerGate"/> is a keyed service under
    /// <see cref="ConsumerOptions.Name"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The options are wrong; every error is named.</exception>
    public static IServiceCollection AddStreamConsumer(
        this IServiceCollection services, ConsumerOptions options, Func<IServiceProvider, IRecordBatchHandler> handler)
    {
        var errors = options.Errors().ToList();
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', errors), nameof(options));
        }

        services.AddKeyedSingleton(options.Name, new ConsumerGate());
        services.AddSingleton<IHostedService>(s => new ConsumerLoop(
            s.GetRequiredService<IOptions<KafkaOptions>>().Value,
            options,
            handler(s),
            s.GetRequiredKeyedService<ConsumerGate>(options.Name),
            s.GetRequiredService<StreamHealth>(),
            s.GetRequiredService<StreamsMetrics>(),
            s.GetRequiredService<ILoggerFactory>(),
            s.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <inheritdoc cref="AddStreamConsumer(IServiceCollection, ConsumerOptions, Func{IServiceProvider, IRecordBatchHandler})"/>
    /// <typeparam name="THandler">Made with the container's services, once.</typeparam>
    public static IServiceCollection AddStreamConsumer<THandler>(this IServiceCollection services, ConsumerOptions options)
        where THandler : class, IRecordBatchHandler
    {
        services.TryAddSingleton<THandler>();
        return services.AddStreamConsumer(options, static s => s.GetRequiredService<THandler>());
    }
}
