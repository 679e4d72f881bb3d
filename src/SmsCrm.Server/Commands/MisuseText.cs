using System.Text.RegularExpressions;

namespace SmsCrm.Server.Commands;

/// <summary>What the parser of the command line says, in one line and in the words of who types it: it names our types, and lists choices in lines of their own.</summary>
internal static partial class MisuseText
{
    public static string Of(string message)
    {
        var line = OneLine(message);
        if (Unparsed().Match(line) is not { Success: true } found)
        {
            return line;
        }

        var (value, name, type, choices) = (found.Groups["value"].Value, found.Groups["name"].Value, found.Groups["type"].Value, found.Groups["choices"].Value);
        return $"{name} is '{value}'; it must be {(choices.Length > 0 ? $"one of {choices.Replace(" ", ", ", StringComparison.Ordinal).ToLowerInvariant()}" : Expected(type))}";
    }

    /// <summary>Without its last stop.</summary>
    public static string OneLine(string message) => Blanks().Replace(message, " ").TrimEnd('.', ' ');

    private static string Expected(string type) => type switch
    {
        _ when type.Contains("Guid", StringComparison.Ordinal) => "an id, such as 019aa000-0000-7000-8000-000000000001",
        _ when type.Contains("Int32", StringComparison.Ordinal) || type.Contains("Int64", StringComparison.Ordinal) => "a whole number",
        _ when type.Contains("Decimal", StringComparison.Ordinal) => "a number, such as 0.075",
        _ when type.Contains("DateOnly", StringComparison.Ordinal) => "a day, such as 2026-11-01",
        _ when type.Contains("DateTimeOffset", StringComparison.Ordinal) => "a time, such as 2026-11-01T12:00:00Z",
        _ when type.Contains("Boolean", StringComparison.Ordinal) => "true or false",
        _ => "something else",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"^Cannot parse argument '(?<value>.*)' for (?:option|command|argument) '(?<name>[^']*)' as expected type '(?<type>[^']*)'(?:\. Did you mean one of the following\? (?<choices>.*))?$")]
    private static partial Regex Unparsed();
}
