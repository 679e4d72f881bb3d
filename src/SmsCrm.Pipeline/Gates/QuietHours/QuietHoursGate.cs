using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Pipeline.Gates.QuietHours;

/// <summary>
/// Marketing goes only in the hours that the law of the recipient's place allows, in every zone where the recipient may be, and in the
/// tenant's own narrower ones. Transactional texts are no telephone solicitation and are exempt, unless the tenant wants otherwise.
/// </summary>
internal sealed class QuietHoursGate : IGate
{
    /// <summary>Where nothing opens within two weeks, it is looked at again then.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromDays(14);

    public string Name => "quiet_hours";

    public GateDecision Judge(in GateInput input)
    {
        var rules = input.Rules.QuietHours;
        if (input.Purpose == Purpose.Transactional && !rules.TransactionalToo)
        {
            return GateDecision.Pass;
        }

        var place = Place.Of(in input);
        var hours = new OpenHours(place.Zones, RulesOf(input.Country, place.Region, rules));
        if (hours.IsOpen(input.Now) && hours.IsOpen(input.Latest))
        {
            return GateDecision.Pass;
        }

        var next = hours.NextOpening(input.Now, GateInput.Window) ?? input.Now + LookAgain;
        return Say.Defer(
            Name,
            Reason.QuietHours,
            next,
            "It is outside the hours in which this recipient may be texted. The message waits until they begin.",
            ("zones", string.Join(", ", place.Zones.Take(5).Select(zone => zone.Id)) + (place.Zones.Count > 5 ? $" and {place.Zones.Count - 5} more" : "")),
            ("known_by", place.By),
            ("region", place.Region),
            ("window", Windows.OfState(place.Region)?.Source ?? Windows.General.Source),
            ("windows", Windows.Version),
            ("rules", input.Rules.Version));
    }

    private static List<Func<DateOnly, DayHours>> RulesOf(string country, string region, QuietHoursRules tenants)
    {
        var rules = new List<Func<DateOnly, DayHours>> { Windows.General.On };
        if (Windows.OfState(region) is { } state)
        {
            rules.Add(state.On);
        }

        if (tenants.IsConservative)
        {
            rules.Add(Windows.Conservative.On);
        }

        rules.AddRange(tenants.Hours.Where(hours => hours.Region.Length == 0 || hours.Region == country || hours.Region == region).Select(OpenHours.Of));
        return rules;
    }
}
