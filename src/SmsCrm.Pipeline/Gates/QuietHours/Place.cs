namespace SmsCrm.Pipeline.Gates.QuietHours;

/// <summary>Where a recipient is taken to be.</summary>
/// <param name="Zones">All of them count; never empty.</param>
/// <param name="Region">The state whose window applies, ISO 3166-2; empty where none does.</param>
/// <param name="By">How it is known: <c>stored zone</c>, <c>stored state</c> or <c>number</c>.</param>
internal sealed record Place(IReadOnlyList<TimeZoneInfo> Zones, string Region, string By)
{
    /// <summary>What is stored goes before what the number says; a stored state is in all its zones at once.</summary>
    public static Place Of(in GateInput input)
    {
        var number = Whereabouts.Of(input.Recipient);
        var region = input.Region is { Length: > 0 } stored ? stored
            : input.Rules.QuietHours.AreaCodeMakesState ? number.Region
            : "";
        if (input.TimeZone is { Length: > 0 } name && Whereabouts.Zone(name) is { } zone)
        {
            return new Place([zone], region, "stored zone");
        }

        if (input.Region is { Length: > 0 } state && States.ZonesOf(state) is { } names)
        {
            return new Place([.. names.Select(Whereabouts.Zone).OfType<TimeZoneInfo>()], region, "stored state");
        }

        return new Place(number.Zones.Count > 0 ? number.Zones : [TimeZoneInfo.Utc], region, "number");
    }
}
