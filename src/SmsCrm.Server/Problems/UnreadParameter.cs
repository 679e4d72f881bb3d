using System.Text.RegularExpressions;
using SmsCrm.Server.Endpoints.Ingest;

namespace SmsCrm.Server.Problems;

/// <summary>A parameter that could not be read as its type: the framework's sentence names our type, this one field, value and remedy.</summary>
internal static partial class UnreadParameter
{
    private const int ShownLength = 100;

    /// <returns>Null where it is about something else.</returns>
    public static FieldErrorJson? Of(Exception exception)
    {
        if (exception is not BadHttpRequestException bad || Unbound().Match(bad.Message) is not { Success: true } found)
        {
            return null;
        }

        var value = found.Groups["value"].Value;
        var shown = value.Length <= ShownLength ? value : string.Concat(value.AsSpan(0, ShownLength), "...");
        return new FieldErrorJson(found.Groups["name"].Value, $"is '{shown}': it is {Expected(found.Groups["type"].Value)}, given once");
    }

    private static string Expected(string type) => type.Contains("Guid", StringComparison.Ordinal) ? "an id, such as 019aa000-0000-7000-8000-000000000001"
        : type.Contains("bool", StringComparison.OrdinalIgnoreCase) ? "true or false"
        : "a whole number";

    [GeneratedRegex("^Failed to bind parameter \"(?<type>\\S+) (?<name>\\w+)\" from \"(?<value>.*)\"\\.$", RegexOptions.Singleline)]
    private static partial Regex Unbound();
}
