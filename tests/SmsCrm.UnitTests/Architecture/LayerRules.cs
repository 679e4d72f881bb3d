using static SmsCrm.UnitTests.Architecture.CodeRule;

namespace SmsCrm.UnitTests.Architecture;

/// <summary>Who may use whom: the layers, the rooms of the pipeline, the packages that have one home.</summary>
internal static class LayerRules
{
    private const string Pipeline = "SmsCrm.Pipeline";
    private static readonly string[] Below = ["SmsCrm.Contracts", "SmsCrm.Streams", "SmsCrm.Storage"];

    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["SmsCrm.Contracts"] = [],
        ["SmsCrm.Streams"] = ["SmsCrm.Contracts"],
        ["SmsCrm.Storage"] = [],
        [Pipeline] = Below,
        ["SmsCrm.Crm"] = [.. Below, Pipeline],
        ["SmsCrm.Reporting"] = [.. Below, Pipeline],
        ["SmsCrm.TwilioSimulator"] = [],
    };

    private static readonly string[] Floor =
        [$"{Pipeline}.Messages", $"{Pipeline}.Ledger", $"{Pipeline}.Provider", $"{Pipeline}.Suppression"];

    public static IReadOnlyList<CodeRule> All { get; } =
    [
        new("Layers", "Contracts, Streams and Storage lie below, Pipeline on them, Crm and Reporting on Pipeline and never on each other; the simulator uses nothing of ours", Layers),
        new("Rooms", "a room of the pipeline uses the floor (Messages, Ledger, Provider, Suppression) and itself, never another room", Rooms),
        new("Floor", "the floor of the pipeline uses nothing above it", FloorStaysBelow),
        new("OneSeesSeveral", "of the pipeline only SendPipeline and the wiring see several rooms", OneSeesSeveral),
        new("GatesSeeMessages", "a gate is a pure function: it sees Messages and the gates' own types, and nothing that does I/O", GatesSeeMessages),
        new("KafkaInStreams", "Confluent.Kafka is used in Streams alone", type => Package(type, "Confluent.Kafka", "SmsCrm.Streams")),
        new("TwilioInProvider", "the Twilio package is used in Pipeline/Provider alone", type => Package(type, "Twilio", $"{Pipeline}.Provider")),
        new("NoDapperOnTheHotPath", "the pipeline speaks to Postgres through Npgsql, not Dapper", NoDapper),
    ];

    private static IEnumerable<string> Layers(CompiledType type)
    {
        var layer = MayUse.Keys.FirstOrDefault(type.IsIn);
        return layer is null ? [] : Beyond(type, space => Under(space, [layer, .. MayUse[layer]]));
    }

    private static IEnumerable<string> Rooms(CompiledType type) =>
        RoomOf(type.Namespace) is { } room && !Floor.Contains(room)
            ? Beyond(type, space => RoomOf(space) is not { } used || used == room || Floor.Contains(used))
            : [];

    private static IEnumerable<string> FloorStaysBelow(CompiledType type) =>
        RoomOf(type.Namespace) is { } room && Floor.Contains(room)
            ? Beyond(type, space => space != Pipeline && (RoomOf(space) is not { } used || Floor.Contains(used)))
            : [];

    private static IEnumerable<string> OneSeesSeveral(CompiledType type)
    {
        if (type.Namespace is not (Pipeline or Pipeline + ".Violations") || type.Name == "SendPipeline" || IsWiring(type))
        {
            return [];
        }

        var rooms = type.Mentions.Select(mention => RoomOf(mention.Namespace)).OfType<string>().Distinct().Except(Floor).ToList();
        return rooms.Count > 1 ? [$"sees several rooms: {string.Join(", ", rooms)}"] : [];
    }

    private static IEnumerable<string> GatesSeeMessages(CompiledType type)
    {
        // Facts is the room's reading side: it asks Postgres once for a batch.
        if (type.Namespace is not (Pipeline + ".Gates" or Pipeline + ".Gates.Violations") || IsWiring(type))
        {
            return [];
        }

        string[] inputAndOutput = ["Npgsql", "StackExchange.Redis", "Confluent.Kafka", "Twilio", "System.Net.Http", "Dapper"];
        return Beyond(type, space => Under(space, $"{Pipeline}.Gates", $"{Pipeline}.Messages"))
            .Concat(type.Mentions.Where(mention => inputAndOutput.Contains(mention.Assembly)).Select(mention => $"uses {mention.FullName}"));
    }

    private static IEnumerable<string> Package(CompiledType type, string package, string home) =>
        type.IsIn(home)
            ? []
            : type.Mentions.Where(mention => mention.Assembly == package).Select(mention => $"uses {mention.FullName}");

    private static IEnumerable<string> NoDapper(CompiledType type) =>
        type.IsIn(Pipeline) ? type.Mentions.Where(mention => mention.Assembly == "Dapper").Select(mention => $"uses {mention.FullName}") : [];

    /// <summary>SmsCrm.Pipeline.Gates for everything below it; null outside the pipeline's rooms.</summary>
    private static string? RoomOf(string space) =>
        space.StartsWith(Pipeline + ".", StringComparison.Ordinal) ? Pipeline + "." + space[(Pipeline.Length + 1)..].Split('.')[0] : null;

    private static bool IsWiring(CompiledType type) =>
        type.Definition is { IsAbstract: true, IsSealed: true }
        && type.Definition.Methods.Any(method => method.Name.StartsWith("Add", StringComparison.Ordinal)
            && method.Parameters.FirstOrDefault()?.ParameterType.Name == "IServiceCollection");
}
