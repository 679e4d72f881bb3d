namespace SmsCrm.Server.Local;

/// <summary>A whole system on this machine.</summary>
/// <param name="Folder">Its data, pid files and logs.</param>
/// <param name="Program">The executable whose commands are the parts.</param>
public sealed record LocalSystemOptions(string Folder, ServerProgram Program)
{
    public LocalPorts Ports { get; init; } = new();

    public KafkaKind Kafka { get; init; } = KafkaKind.Embedded;

    /// <summary>For <see cref="KafkaKind.Managed"/>. Default: the environment variable KAFKA_HOME.</summary>
    public string KafkaHome { get; init; } = Environment.GetEnvironmentVariable("KAFKA_HOME") ?? "";

    /// <summary>Where redis-server is unpacked when none is installed.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>Further settings for every part, by their environment names (SmsCrm__Room__Setting); they win over what the system sets.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Which roles the server runs. Default all.</summary>
    public string Roles { get; init; } = "all";
}
