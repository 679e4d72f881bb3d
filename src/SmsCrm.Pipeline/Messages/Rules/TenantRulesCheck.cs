using System.Globalization;

namespace SmsCrm.Pipeline.Messages.Rules;

/// <summary>Every error of a tenant's rules at once, each naming field, value and remedy; empty where they may be used.</summary>
public static class TenantRulesCheck
{
    private const int MostHours = 20;
    private const int MostCaps = 10;
    private const int MostHosts = 200;

    public static IReadOnlyList<string> Errors(TenantRules rules)
    {
        var errors = new List<string>();
        Names("gate_order", rules.GateOrder, errors);
        Names("gates_off", rules.GatesOff, errors);
        errors.AddRange(rules.GateOrder.GroupBy(name => name).Where(group => group.Count() > 1)
            .Select(group => $"gate_order has '{group.Key}' more than once: name each gate once."));
        errors.AddRange(rules.GatesOff.Where(GateNames.AlwaysOn.Contains)
            .Select(name => $"gates_off has '{name}': this gate can't be switched off."));
        errors.AddRange(rules.Countries.Where(country => country.Length != 2 || !country.All(char.IsAsciiLetterUpper))
            .Select(country => $"countries has '{country}': give ISO 3166-1 alpha-2 codes in capitals, such as US."));
        Hours(rules.QuietHours, errors);
        Caps(rules.FrequencyCaps, errors);
        Range("duplicate_window_seconds", (long)rules.DuplicateWindow.TotalSeconds, 0, (long)TimeSpan.FromDays(30).TotalSeconds, errors);
        Range("content.max_segments", rules.Content.MaxSegments, 1, 25, errors);
        if (rules.Content.BannedHosts.Count > MostHosts)
        {
            errors.Add($"content.banned_hosts has {rules.Content.BannedHosts.Count} entries: up to {MostHosts} are allowed.");
        }

        errors.AddRange(rules.Content.BannedHosts.Where(host => Uri.CheckHostName(host) != UriHostNameType.Dns)
            .Select(host => $"content.banned_hosts has '{host}': give a host's name, such as example.com."));
        return errors;
    }

    private static void Names(string field, IEnumerable<string> names, List<string> errors) => errors.AddRange(
        names.Where(name => !GateNames.All.Contains(name)).Select(name => $"{field} has '{name}': the gates are {string.Join(", ", GateNames.All)}."));

    private static void Hours(QuietHoursRules rules, List<string> errors)
    {
        if (rules.Hours.Count > MostHours)
        {
            errors.Add($"quiet_hours.hours has {rules.Hours.Count} entries: up to {MostHours} are allowed.");
        }

        foreach (var hours in rules.Hours)
        {
            if (hours.From >= hours.To)
            {
                errors.Add(string.Create(
                    CultureInfo.InvariantCulture, $"quiet_hours.hours has from {hours.From:HH:mm} to {hours.To:HH:mm}: from must be the earlier one."));
            }

            if (hours.Days.Count == 0)
            {
                errors.Add("quiet_hours.hours has an entry without days: name at least one.");
            }

            if (hours.Region.Length is not (0 or 2 or >= 4 and <= 6))
            {
                errors.Add($"quiet_hours.hours has the region '{hours.Region}': give an ISO 3166 code such as US or US-TX, or leave it out.");
            }
        }
    }

    private static void Caps(IReadOnlyList<FrequencyCap> caps, List<string> errors)
    {
        if (caps.Count > MostCaps)
        {
            errors.Add($"frequency_caps has {caps.Count} entries: up to {MostCaps} are allowed.");
        }

        foreach (var cap in caps)
        {
            Range("frequency_caps.messages", cap.Messages, 1, 1_000, errors);
            Range("frequency_caps.window_seconds", (long)cap.Window.TotalSeconds, 60, (long)TimeSpan.FromDays(30).TotalSeconds, errors);
        }
    }

    private static void Range(string field, long value, long least, long most, List<string> errors)
    {
        if (value < least || value > most)
        {
            errors.Add(FormattableString.Invariant($"{field} is {value}: it must be from {least} to {most}."));
        }
    }
}
