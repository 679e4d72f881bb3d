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

    public static void Range(string field, int value, int least, int most, List<string> errors)
    {
        if (value < least || value > most)
        {
            errors.Add(FormattableString.Invariant($"{field} is {value}: it must be from {least} to {most}."));
        }
    }
}
