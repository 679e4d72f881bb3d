namespace SmsCrm.Streams;

/// <summary>How Kafka is reached and spoken to. Bound to <c>SmsCrm:Kafka</c>.</summary>
public sealed record KafkaOptions
{
    public const string Section = "SmsCrm:Kafka";

    /// <summary>Brokers to begin with, <c>host:port</c>, separated by commas. Default <c>127.0.0.1:9092</c>.</summary>
    public string BootstrapServers { get; init; } = "127.0.0.1:9092";

    /// <summary>
    /// Whether an acknowledged record survives the broker's process. Default true. False is right for the embedded broker
    /// alone, which keeps everything in memory and drops what is too much: design section 5 says what acceptance means then.
    /// </summary>
    public bool Durable { get; init; } = true;

    /// <summary>Name by which the broker's logs and quotas know this process. Default <c>smscrm</c>.</summary>
    public string ClientId { get; init; } = "smscrm";

    /// <summary>
    /// How long a member of a group may be silent before its partitions go to others, in milliseconds: 1,500 to 300,000.
    /// Default: 2,000 on the embedded broker, whose every rebalance takes this less a second; else 6,000, the least that a
    /// real broker takes.
    /// </summary>
    public int? SessionTimeoutMs { get; init; }

    /// <summary><c>Plaintext</c> (default), <c>Ssl</c>, <c>SaslPlaintext</c> or <c>SaslSsl</c>.</summary>
    public string SecurityProtocol { get; init; } = "Plaintext";

    /// <summary><c>PLAIN</c>, <c>SCRAM-SHA-256</c>, <c>SCRAM-SHA-512</c> ...; needed with the two SASL protocols.</summary>
    public string? SaslMechanism { get; init; }

    public string? SaslUsername { get; init; }

    /// <summary>A secret: never logged.</summary>
    public string? SaslPassword { get; init; }

    /// <summary>File with the certificates of the authorities that are trusted; default: the system's.</summary>
    public string? SslCaLocation { get; init; }

    /// <summary>Further settings for librdkafka, by its own names, as they are (client certificates, OAuth and so on).</summary>
    public Dictionary<string, string> Client { get; init; } = [];

    /// <summary>How long the producer gathers records for a batch, in milliseconds: 0 to 1,000. Default 2.</summary>
    public double LingerMs { get; init; } = 2;

    /// <summary><c>lz4</c> (default), <c>zstd</c>, <c>snappy</c>, <c>gzip</c> or <c>none</c>.</summary>
    public string Compression { get; init; } = "lz4";

    /// <summary>
    /// After this time a record that is not acknowledged is given up, in milliseconds: 1,000 to 600,000. Default 10,000,
    /// which bridges a broker's restart.
    /// </summary>
    public int DeliveryTimeoutMs { get; init; } = 10_000;

    /// <summary>Records on their way at once; more wait. 100 to 10,000,000, default 100,000.</summary>
    public int MaxQueuedRecords { get; init; } = 100_000;

    /// <summary>How long a record waits for room before it is refused, in milliseconds: 0 to 600,000. Default 5,000.</summary>
    public int QueueWaitMs { get; init; } = 5_000;

    /// <summary>How often the logs are checked for being the ones that we know, in seconds: 1 to 600. Default 5.</summary>
    public int LogCheckSeconds { get; init; } = 5;

    public TopicOptions Topics { get; init; } = new();

    internal int EffectiveSessionTimeoutMs => SessionTimeoutMs ?? (Durable ? 6_000 : 2_000);
}

/// <summary>How topics are created, and what they are compared with.</summary>
public sealed record TopicOptions
{
    /// <summary>Partitions of each topic: 1 to 1,000. Default 8.</summary>
    public int Partitions { get; init; } = 8;

    /// <summary>Copies of each partition: 1 to 7. Default 1, for one machine; production has 3.</summary>
    public short ReplicationFactor { get; init; } = 1;

    /// <summary>Copies that must have a record before it is acknowledged: 1 to the replication factor. Default 1; production has 2.</summary>
    public int MinInSyncReplicas { get; init; } = 1;

    /// <summary>How long the broker keeps records, in hours: 1 to 8,760. Default 168, seven days.</summary>
    public int RetentionHours { get; init; } = 168;

    /// <summary>How long it keeps dead letters, in hours: 1 to 8,760. Default 720, thirty days.</summary>
    public int DeadLetterRetentionHours { get; init; } = 720;
}
