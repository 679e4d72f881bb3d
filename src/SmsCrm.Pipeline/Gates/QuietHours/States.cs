using System.Collections.Frozen;

namespace SmsCrm.Pipeline.Gates.QuietHours;

/// <summary>The states and territories of the US by their names, and the zones that their clocks keep (IANA tz database, 2026).</summary>
internal static class States
{
    private const string Eastern = "America/New_York";
    private const string Central = "America/Chicago";
    private const string Mountain = "America/Denver";
    private const string Pacific = "America/Los_Angeles";

    private static readonly (string Code, string Name, string[] Zones)[] All =
    [
        ("AL", "Alabama", [Central]),
        ("AK", "Alaska", ["America/Anchorage", "America/Adak"]),
        ("AZ", "Arizona", ["America/Phoenix"]),
        ("AR", "Arkansas", [Central]),
        ("CA", "California", [Pacific]),
        ("CO", "Colorado", [Mountain]),
        ("CT", "Connecticut", [Eastern]),
        ("DE", "Delaware", [Eastern]),
        ("DC", "Washington D.C.", [Eastern]),
        ("FL", "Florida", [Eastern, Central]),
        ("GA", "Georgia", [Eastern]),
        ("HI", "Hawaii", ["Pacific/Honolulu"]),
        ("ID", "Idaho", ["America/Boise", Pacific]),
        ("IL", "Illinois", [Central]),
        ("IN", "Indiana", ["America/Indiana/Indianapolis", Central]),
        ("IA", "Iowa", [Central]),
        ("KS", "Kansas", [Central, Mountain]),
        ("KY", "Kentucky", [Eastern, Central]),
        ("LA", "Louisiana", [Central]),
        ("ME", "Maine", [Eastern]),
        ("MD", "Maryland", [Eastern]),
        ("MA", "Massachusetts", [Eastern]),
        ("MI", "Michigan", ["America/Detroit", "America/Menominee"]),
        ("MN", "Minnesota", [Central]),
        ("MS", "Mississippi", [Central]),
        ("MO", "Missouri", [Central]),
        ("MT", "Montana", [Mountain]),
        ("NE", "Nebraska", [Central, Mountain]),
        ("NV", "Nevada", [Pacific, Mountain]),
        ("NH", "New Hampshire", [Eastern]),
        ("NJ", "New Jersey", [Eastern]),
        ("NM", "New Mexico", [Mountain]),
        ("NY", "New York", [Eastern]),
        ("NC", "North Carolina", [Eastern]),
        ("ND", "North Dakota", [Central, Mountain]),
        ("OH", "Ohio", [Eastern]),
        ("OK", "Oklahoma", [Central]),
        ("OR", "Oregon", [Pacific, "America/Boise"]),
        ("PA", "Pennsylvania", [Eastern]),
        ("RI", "Rhode Island", [Eastern]),
        ("SC", "South Carolina", [Eastern]),
        ("SD", "South Dakota", [Central, Mountain]),
        ("TN", "Tennessee", [Eastern, Central]),
        ("TX", "Texas", [Central, Mountain]),
        ("UT", "Utah", [Mountain]),
        ("VT", "Vermont", [Eastern]),
        ("VA", "Virginia", [Eastern]),
        ("WA", "Washington State", [Pacific]),
        ("WV", "West Virginia", [Eastern]),
        ("WI", "Wisconsin", [Central]),
        ("WY", "Wyoming", [Mountain]),
        ("PR", "Puerto Rico", ["America/Puerto_Rico"]),
        ("VI", "U.S. Virgin Islands", ["America/St_Thomas"]),
        ("GU", "Guam", ["Pacific/Guam"]),
        ("AS", "American Samoa", ["Pacific/Pago_Pago"]),
        ("MP", "Northern Mariana Islands", ["Pacific/Saipan"]),
    ];

    private static readonly FrozenDictionary<string, string[]> ZonesByRegion = All.ToFrozenDictionary(state => "US-" + state.Code, state => state.Zones);

    private static readonly FrozenDictionary<string, string> RegionByName =
        All.ToFrozenDictionary(state => state.Name, state => "US-" + state.Code, StringComparer.OrdinalIgnoreCase);

    /// <summary>The zones of a state, ISO 3166-2; null where it is none of the US.</summary>
    public static IReadOnlyList<string>? ZonesOf(string region) => ZonesByRegion.GetValueOrDefault(region);

    /// <summary>What libphonenumber's geocoder says of a number: <c>Texas</c>, <c>Dallas, TX</c>; empty where that names no state.</summary>
    public static string RegionOf(string description)
    {
        var comma = description.LastIndexOf(", ", StringComparison.Ordinal);
        if (comma >= 0 && description.Length == comma + 4 && ZonesByRegion.ContainsKey("US-" + description[(comma + 2)..]))
        {
            return "US-" + description[(comma + 2)..];
        }

        return RegionByName.GetValueOrDefault(description, "");
    }
}
