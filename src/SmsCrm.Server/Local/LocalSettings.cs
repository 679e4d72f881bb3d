using System.Globalization;
using Npgsql;

namespace SmsCrm.Server.Local;

/// <summary>The settings that tie the parts of a local system together, by their environment names.</summary>
internal static class LocalSettings
{
    public const string Postgres = "SmsCrm__Storage__Postgres";
    public const string Redis = "SmsCrm__Storage__Redis";
    public const string Kafka = "SmsCrm__Kafka__BootstrapServers";

    /// <summary>A setting that the options or our own environment give, null when neither does: then the system starts that server itself.</summary>
    public static string? Given(LocalSystemOptions options, string name) =>
        options.Settings.GetValueOrDefault(name) is { Length: > 0 } given ? given
        : Environment.GetEnvironmentVariable(name) is { Length: > 0 } inherited ? inherited
        : null;

    public static Dictionary<string, string> For(LocalSystemOptions options, LocalKafka kafka)
    {
        var ports = options.Ports;
        var settings = new Dictionary<string, string>
        {
            [Postgres] = Given(options, Postgres) ?? new NpgsqlConnectionStringBuilder
            {
                Host = "127.0.0.1",
                Port = ports.Postgres,
                Username = "smscrm",
                Database = "smscrm",
            }.ConnectionString,
            [Redis] = Given(options, Redis) ?? string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ports.Redis}"),
            [Kafka] = kafka.BootstrapServers,
            ["SmsCrm__Kafka__Durable"] = kafka.IsDurable ? "true" : "false",
            ["SmsCrm__Server__HttpPort"] = Text(ports.Http),
            ["SmsCrm__Server__GrpcPort"] = Text(ports.Grpc),
            ["SmsCrm__Server__MetricsPort"] = Text(ports.Metrics),
            ["SmsCrm__Provider__PublicBaseUrl"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports.Http}"),
            ["SmsCrm__Links__BaseUrl"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports.Http}"),
            ["SmsCrm__Webhooks__AllowedNetworks__0"] = "127.0.0.0/8",
            ["SmsCrm__Seed__SimulatorAddress"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports.Simulator}"),
        };
        foreach (var (name, value) in options.Settings)
        {
            settings[name] = value;
        }

        return settings;
    }

    /// <summary>The ports of what the system starts itself.</summary>
    public static IReadOnlyList<NamedPort> PortsNeeded(LocalSystemOptions options)
    {
        var ports = options.Ports;
        (bool Needed, string Name, int Port)[] all =
        [
            (true, "the REST API", ports.Http),
            (true, "gRPC", ports.Grpc),
            (true, "metrics and health", ports.Metrics),
            (true, "the Twilio simulator", ports.Simulator),
            (Given(options, Postgres) is null, "Postgres", ports.Postgres),
            (Given(options, Redis) is null, "Redis", ports.Redis),
            (options.Kafka != KafkaKind.External, "Kafka", ports.Kafka),
            (options.Kafka == KafkaKind.Managed, "Kafka's controller", ports.KafkaController),
        ];
        return [.. all.Where(port => port.Needed).Select(port => new NamedPort(port.Name, port.Port))];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
