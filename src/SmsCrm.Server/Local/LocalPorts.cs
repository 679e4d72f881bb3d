namespace SmsCrm.Server.Local;

/// <summary>The loopback ports of one local system, 1 to 65535 each.</summary>
public sealed record LocalPorts
{
    /// <summary>How many there are.</summary>
    public const int Count = 8;

    /// <summary>REST, callbacks, documentation.</summary>
    public int Http { get; init; } = 8080;

    public int Grpc { get; init; } = 8081;

    /// <summary>Metrics and health.</summary>
    public int Metrics { get; init; } = 9090;

    public int Simulator { get; init; } = 8090;

    public int Postgres { get; init; } = 15432;

    public int Redis { get; init; } = 16379;

    public int Kafka { get; init; } = 19092;

    /// <summary>A managed broker's controller; no client uses it.</summary>
    public int KafkaController { get; init; } = 19093;

    /// <summary>Eight ports in a row, in the order of the properties.</summary>
    public static LocalPorts From(int first) => new()
    {
        Http = first,
        Grpc = first + 1,
        Metrics = first + 2,
        Simulator = first + 3,
        Postgres = first + 4,
        Redis = first + 5,
        Kafka = first + 6,
        KafkaController = first + 7,
    };
}
