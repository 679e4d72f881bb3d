namespace SmsCrm.Crm.Tenants;

/// <summary>Checks of what callers give, each with a sentence that names field, value and remedy.</summary>
internal static class Check
{
    public static void Name(string field, string? value, int most, List<string> errors)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Length > most || value.Any(char.IsControl))
        {
            errors.Add($"{field} is '{value}': it must have 1 to {most} characters, none of them a control character.");
        }
    }

    public static void Country(string field, string? value, List<string> errors)
    {
        if (value is not { Length: 2 } || !value.All(char.IsAsciiLetterUpper))
        {
            errors.Add($"{field} is '{value}': it must be two capital letters of ISO 3166-1, such as US.");
        }
    }

    public static void Countries(string field, IReadOnlyList<string> values, List<string> errors)
    {
        if (values.Count > 250)
        {
            errors.Add(FormattableString.Invariant($"{field} has {values.Count} entries: it must have up to 250."));
        }

        foreach (var value in values)
        {
            Country(field, value, errors);
        }
    }

    public static void TimeZone(string field, string? value, List<string> errors)
    {
        if (value is not { Length: > 0 and <= 64 } || !TimeZoneInfo.TryFindSystemTimeZoneById(value, out var zone) || !zone.HasIanaId)
        {
            errors.Add($"{field} is '{value}': it must be a time zone of the IANA database, such as America/New_York or UTC.");
        }
    }

    public static void Range(string field, int value, int least, int most, List<string> errors)
    {
        if (value < least || value > most)
        {
            errors.Add(FormattableString.Invariant($"{field} is {value}: it must be from {least} to {most}."));
        }
    }
}
