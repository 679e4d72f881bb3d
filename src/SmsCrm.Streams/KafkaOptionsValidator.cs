using Confluent.Kafka;
using Microsoft.Extensions.Options;

namespace SmsCrm.Streams;

/// <summary>Finds every error of the settings at once, each with the setting, its value and what it may be.</summary>
internal sealed class KafkaOptionsValidator : IValidateOptions<KafkaOptions>
{
    private static readonly string[] Compressions = ["none", "gzip", "snappy", "lz4", "zstd"];

    /// <summary>What the product relies on and therefore sets itself.</summary>
    private static readonly string[] Reserved =
    [
        "acks", "enable.idempotence", "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset", "group.id", "group.protocol",
        "partition.assignment.strategy", "partitioner", "allow.auto.create.topics", "bootstrap.servers", "session.timeout.ms",
    ];

    public ValidateOptionsResult Validate(string? name, KafkaOptions options)
    {
        var errors = new List<string>();
        Servers(options, errors);
        Security(options, errors);
        Ranges(options, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Servers(KafkaOptions options, List<string> errors)
    {
        var servers = options.BootstrapServers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (servers.Length == 0)
        {
            errors.Add(Error("BootstrapServers", $"'{options.BootstrapServers}'", "name at least one broker as host:port"));
        }

        foreach (var server in servers)
        {
            var colon = server.LastIndexOf(':');
            if (colon < 1 || !ushort.TryParse(server.AsSpan(colon + 1), out var port) || port == 0)
            {
                errors.Add(Error("BootstrapServers", $"'{server}'", "a broker is host:port with a port from 1 to 65535"));
            }
        }
    }

    private static void Security(KafkaOptions options, List<string> errors)
    {
        if (!Enum.TryParse<SecurityProtocol>(options.SecurityProtocol, ignoreCase: true, out var protocol))
        {
            var known = string.Join(", ", Enum.GetNames<SecurityProtocol>());
            errors.Add(Error("SecurityProtocol", $"'{options.SecurityProtocol}'", $"it must be one of {known}"));
        }
        else if (protocol is SecurityProtocol.SaslPlaintext or SecurityProtocol.SaslSsl && string.IsNullOrEmpty(options.SaslMechanism))
        {
            errors.Add(Error("SaslMechanism", "missing", $"with SecurityProtocol {protocol} say how to sign in, such as SCRAM-SHA-512"));
        }

        foreach (var setting in options.Client.Keys.Where(Reserved.Contains))
        {
            errors.Add(Error($"Client:{setting}", $"'{options.Client[setting]}'", "the product sets it itself: remove it"));
        }
    }

    private static void Ranges(KafkaOptions options, List<string> errors)
    {
        Range("SessionTimeoutMs", options.EffectiveSessionTimeoutMs, 1_500, 300_000, errors);
        Range("LingerMs", options.LingerMs, 0, 1_000, errors);
        Range("DeliveryTimeoutMs", options.DeliveryTimeoutMs, 1_000, 600_000, errors);
        Range("MaxQueuedRecords", options.MaxQueuedRecords, 100, 10_000_000, errors);
        Range("QueueWaitMs", options.QueueWaitMs, 0, 600_000, errors);
        Range("LogCheckSeconds", options.LogCheckSeconds, 1, 600, errors);
        Range("Topics:Partitions", options.Topics.Partitions, 1, 1_000, errors);
        Range("Topics:ReplicationFactor", options.Topics.ReplicationFactor, 1, 7, errors);
        Range("Topics:MinInSyncReplicas", options.Topics.MinInSyncReplicas, 1, Math.Max((short)1, options.Topics.ReplicationFactor), errors);
        Range("Topics:RetentionHours", options.Topics.RetentionHours, 1, 8_760, errors);
        Range("Topics:DeadLetterRetentionHours", options.Topics.DeadLetterRetentionHours, 1, 8_760, errors);
        if (options.DeliveryTimeoutMs < options.LingerMs)
        {
            errors.Add(Error("DeliveryTimeoutMs", $"{options.DeliveryTimeoutMs}", $"it must not be below LingerMs ({options.LingerMs})"));
        }

        if (!Compressions.Contains(options.Compression, StringComparer.OrdinalIgnoreCase))
        {
            errors.Add(Error("Compression", $"'{options.Compression}'", $"it must be one of {string.Join(", ", Compressions)}"));
        }

        if (string.IsNullOrWhiteSpace(options.ClientId))
        {
            errors.Add(Error("ClientId", "empty", "give a short name"));
        }
    }

    private static void Range(string setting, double value, double least, double most, List<string> errors)
    {
        if (!(value >= least && value <= most))
        {
            errors.Add(Error(setting, FormattableString.Invariant($"{value}"), FormattableString.Invariant($"it must be from {least} to {most}")));
        }
    }

    private static string Error(string setting, string value, string remedy) => $"{KafkaOptions.Section}:{setting} is {value}: {remedy}.";
}
