using System.Text.RegularExpressions;

namespace SmsCrm.UnitTests.Architecture;

/// <summary>What types are called.</summary>
internal static partial class NameRules
{
    public static IReadOnlyList<CodeRule> All { get; } =
    [
        new("Words", "no type is called Manager, Helper, Utils or Common", Words),
        new("HostedServices", "a hosted service ends in Loop or Worker", HostedServices),
        new("Gates", "what implements IGate ends in Gate", type => type.Ancestors().Any(a => a.EndsWith(".IGate", StringComparison.Ordinal)) && !Ends(type, "Gate") ? ["is a gate and does not end in Gate"] : []),
        new("Decisions", "a gate's or bucket's answer ends in Decision or Outcome", Decisions),
        new("OptionSections", "options are called <Room>Options and bound to SmsCrm:<Room>", OptionSections),
        new("Wiring", "services are added by Add..., endpoints mapped by Map...", Wiring),
        new("Namespaces", "a type's namespace begins with its project's name", Namespaces),
    ];

    private static IEnumerable<string> Words(CompiledType type) =>
        BannedWord().IsMatch(type.Name) ? ["has a name that says nothing: call it by what it does"] : [];

    private static IEnumerable<string> HostedServices(CompiledType type) =>
        type.Ancestors().Any(a => a is "Microsoft.Extensions.Hosting.IHostedService" or "Microsoft.Extensions.Hosting.BackgroundService")
        && !type.Definition.IsInterface && !Ends(type, "Loop") && !Ends(type, "Worker")
            ? ["is a hosted service and does not end in Loop or Worker"]
            : [];

    private static IEnumerable<string> Decisions(CompiledType type) =>
        !Ends(type, "Gate") && !Ends(type, "Bucket") || !type.IsIn("SmsCrm.Pipeline")
            ? []
            : type.Definition.Methods
                .Where(method => method.IsPublic && !method.IsStatic && method.Name.StartsWith("Decide", StringComparison.Ordinal))
                .Where(method => !method.ReturnType.Name.EndsWith("Decision", StringComparison.Ordinal)
                    && !method.ReturnType.Name.EndsWith("Outcome", StringComparison.Ordinal))
                .Select(method => $"answers with {method.ReturnType.Name} in {method.Name}");

    private static IEnumerable<string> OptionSections(CompiledType type)
    {
        var section = type.Definition.Fields.FirstOrDefault(field => field is { Name: "Section", HasConstant: true })?.Constant as string;
        if (section is null)
        {
            return [];
        }

        return Ends(type, "Options") && section == "SmsCrm:" + type.Name[..^"Options".Length]
            ? []
            : [$"is bound to {section}; the section and the name must belong together"];
    }

    private static IEnumerable<string> Wiring(CompiledType type) =>
        from method in type.Definition.Methods
        where method.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "ExtensionAttribute") && method.IsPublic
        let prefix = method.Parameters[0].ParameterType.Name switch
        {
            "IServiceCollection" => "Add",
            "IEndpointRouteBuilder" => "Map",
            _ => "",
        }
        where !method.Name.StartsWith(prefix, StringComparison.Ordinal)
        select $"has {method.Name}, which must begin with {prefix}";

    private static IEnumerable<string> Namespaces(CompiledType type)
    {
        var project = type.Assembly == "smscrm" ? "SmsCrm.Server" : type.Assembly;
        return type.IsIn(project) ? [] : [$"lies in {project}"];
    }

    private static bool Ends(CompiledType type, string word) => type.Name.EndsWith(word, StringComparison.Ordinal);

    [GeneratedRegex("(Manager|Helper|Utils|Util|Common)(?![a-z])")]
    private static partial Regex BannedWord();
}
