using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Options;

namespace SmsCrm.Streams.Topics;

/// <summary>What was done about the topics, and what is not as the settings say; all in sentences.</summary>
/// <param name="Done">What was created.</param>
/// <param name="Differences">What a person has to decide on. Empty when all is as it should be.</param>
public sealed record TopicReport(IReadOnlyList<string> Done, IReadOnlyList<string> Differences);

/// <summary>Creates the topics and compares them with the settings (<c>SmsCrm:Kafka:Topics</c>).</summary>
public sealed class TopicAdmin(IOptions<KafkaOptions> options)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);
    private readonly KafkaOptions _kafka = options.Value;

    /// <summary>Creates what is missing, then compares. On the embedded broker, which makes its own at its start, it only compares.</summary>
    /// <exception cref="KafkaUnreachableException">The broker does not answer within 15 s.</exception>
    public async Task<TopicReport> EnsureAsync(IReadOnlyList<string> topics)
    {
        using var admin = NewClient();
        var found = await DescribeAsync(admin, topics).ConfigureAwait(false);
        var missing = topics.Where(t => !found.ContainsKey(t)).ToList();
        if (missing.Count == 0 || !_kafka.Durable)
        {
            return new TopicReport([], await CompareAsync(admin, topics, found).ConfigureAwait(false));
        }

        await CreateAsync(admin, missing).ConfigureAwait(false);
        found = await DescribeAsync(admin, topics).ConfigureAwait(false);
        return new TopicReport(
            [.. missing.Select(t => $"Created {t} with {_kafka.Topics.Partitions} partitions, {_kafka.Topics.ReplicationFactor} copies each, kept {RetentionHours(t)} hours.")],
            await CompareAsync(admin, topics, found).ConfigureAwait(false));
    }

    /// <summary>Compares and changes nothing.</summary>
    /// <exception cref="KafkaUnreachableException">The broker does not answer within 15 s.</exception>
    public async Task<TopicReport> CheckAsync(IReadOnlyList<string> topics)
    {
        using var admin = NewClient();
        var found = await DescribeAsync(admin, topics).ConfigureAwait(false);
        return new TopicReport([], await CompareAsync(admin, topics, found).ConfigureAwait(false));
    }

    /// <summary>What goes wrong comes as an exception; the client's own lines about it would only repeat it.</summary>
    private IAdminClient NewClient() =>
        new AdminClientBuilder(KafkaClientConfig.Admin(_kafka)).SetLogHandler(static (_, _) => { }).SetErrorHandler(static (_, _) => { }).Build();

    private async Task CreateAsync(IAdminClient admin, List<string> topics)
    {
        try
        {
            await admin.CreateTopicsAsync(topics.Select(Specification), new CreateTopicsOptions { RequestTimeout = Timeout, OperationTimeout = Timeout }).ConfigureAwait(false);
        }
        catch (CreateTopicsException e) when (e.Results.All(static r => r.Error.Code is ErrorCode.NoError or ErrorCode.TopicAlreadyExists))
        {
            // Another process was faster.
        }
        catch (CreateTopicsException e)
        {
            var reasons = e.Results.Where(static r => r.Error.IsError).Select(static r => $"{r.Topic}: {r.Error.Reason}");
            throw new InvalidOperationException($"Kafka at {_kafka.BootstrapServers} did not create {string.Join("; ", reasons)}.", e);
        }
    }

    private TopicSpecification Specification(string topic) => new()
    {
        Name = topic,
        NumPartitions = _kafka.Topics.Partitions,
        ReplicationFactor = _kafka.Topics.ReplicationFactor,
        Configs = Wanted(topic).ToDictionary(static w => w.Key, static w => w.Value),
    };

    private Dictionary<string, string> Wanted(string topic) => new()
    {
        ["retention.ms"] = (RetentionHours(topic) * 3_600_000L).ToString(CultureInfo.InvariantCulture),
        ["min.insync.replicas"] = _kafka.Topics.MinInSyncReplicas.ToString(CultureInfo.InvariantCulture),
        ["cleanup.policy"] = "delete",
    };

    private int RetentionHours(string topic) =>
        topic == Contracts.Topics.DeadLetter ? _kafka.Topics.DeadLetterRetentionHours : _kafka.Topics.RetentionHours;

    private async Task<Dictionary<string, TopicDescription>> DescribeAsync(IAdminClient admin, IReadOnlyList<string> topics)
    {
        try
        {
            var result = await admin.DescribeTopicsAsync(
                TopicCollection.OfTopicNames(topics), new DescribeTopicsOptions { RequestTimeout = Timeout }).ConfigureAwait(false);
            return result.TopicDescriptions.ToDictionary(static t => t.Name);
        }
        catch (DescribeTopicsException e) when (e.Results.TopicDescriptions.All(static t => t.Error.Code is ErrorCode.NoError or ErrorCode.UnknownTopicOrPart))
        {
            return e.Results.TopicDescriptions.Where(static t => !t.Error.IsError).ToDictionary(static t => t.Name);
        }
        catch (KafkaException e)
        {
            throw new KafkaUnreachableException($"Kafka at {_kafka.BootstrapServers} does not answer: {e.Error.Reason}. Is it started, and is SmsCrm:Kafka:BootstrapServers right?", e);
        }
    }

    private async Task<IReadOnlyList<string>> CompareAsync(IAdminClient admin, IReadOnlyList<string> topics, Dictionary<string, TopicDescription> found)
    {
        var differences = new List<string>();
        foreach (var topic in topics)
        {
            if (!found.TryGetValue(topic, out var description))
            {
                differences.Add($"{topic} does not exist{(_kafka.Durable ? "" : "; the embedded broker makes its topics when it starts")}.");
                continue;
            }

            var (partitions, copies) = (description.Partitions.Count, description.Partitions.Min(static p => p.Replicas.Count));
            if (partitions != _kafka.Topics.Partitions)
            {
                differences.Add($"{topic} has {partitions} partitions; SmsCrm:Kafka:Topics:Partitions says {_kafka.Topics.Partitions}. Nothing but the order of one recipient's messages depends on it.");
            }

            if (_kafka.Durable && copies != _kafka.Topics.ReplicationFactor)
            {
                differences.Add($"{topic} has {copies} copies; SmsCrm:Kafka:Topics:ReplicationFactor says {_kafka.Topics.ReplicationFactor}.");
            }
        }

        // The embedded broker knows no settings of topics.
        if (_kafka.Durable && found.Count > 0)
        {
            await CompareSettingsAsync(admin, found.Keys, differences).ConfigureAwait(false);
        }

        return differences;
    }

    private async Task CompareSettingsAsync(IAdminClient admin, IEnumerable<string> topics, List<string> differences)
    {
        var results = await admin.DescribeConfigsAsync(
            topics.Select(static t => new ConfigResource { Type = ResourceType.Topic, Name = t }), new DescribeConfigsOptions { RequestTimeout = Timeout }).ConfigureAwait(false);
        foreach (var result in results.OrderBy(static r => r.ConfigResource.Name, StringComparer.Ordinal))
        {
            foreach (var (setting, wanted) in Wanted(result.ConfigResource.Name))
            {
                if (result.Entries.TryGetValue(setting, out var entry) && entry.Value != wanted)
                {
                    differences.Add($"{result.ConfigResource.Name} has {setting}={entry.Value}; the settings say {wanted}.");
                }
            }
        }
    }
}

/// <summary>The broker does not answer.</summary>
public sealed class KafkaUnreachableException(string message, Exception inner) : Exception(message, inner);
