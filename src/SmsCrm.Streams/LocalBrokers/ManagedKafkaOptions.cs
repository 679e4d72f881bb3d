namespace SmsCrm.Streams.LocalBrokers;

/// <summary>A real Apache Kafka (KRaft, one node) that we start ourselves.</summary>
public sealed record ManagedKafkaOptions
{
    /// <summary>The unpacked distribution, 3.7 or later: what the environment's <c>KAFKA_HOME</c> says.</summary>
    public required string KafkaHome { get; init; }

    /// <summary>Settings, log, data and pid file are kept here; made when missing. Its data outlives the process.</summary>
    public required string Folder { get; init; }

    /// <summary>Port on 127.0.0.1 for clients: 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary>Port on 127.0.0.1 for the controller, which is within the same process: 1 to 65535.</summary>
    public required int ControllerPort { get; init; }

    /// <summary>What it prints is appended here. Default <c>kafka.log</c> in the folder.</summary>
    public string? LogFile { get; init; }

    /// <summary>The most that Java's heap may take, in MB: 128 to 65,536. Default 512.</summary>
    public int HeapMb { get; init; } = 512;

    /// <summary>How long it may take to answer after a start, in seconds. Default 180; 3.5 is usual on an idle machine.</summary>
    public int ReadySeconds { get; init; } = 180;
}
