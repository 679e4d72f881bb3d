using System.Collections.Concurrent;
using PhoneNumbers;
using PhoneNumber = SmsCrm.Pipeline.Messages.PhoneNumber;

namespace SmsCrm.Pipeline.Gates.QuietHours;

/// <summary>Where a number may be.</summary>
/// <param name="Zones">Every zone in which it may be, IANA; empty where nothing is known.</param>
/// <param name="Region">The state that its area code belongs to, ISO 3166-2; empty where it is none, or not known.</param>
internal sealed record Whereabouts(IReadOnlyList<TimeZoneInfo> Zones, string Region)
{
    private const int MostRemembered = 1_000_000;
    private static readonly PhoneNumberUtil Util = PhoneNumberUtil.GetInstance();
    private static readonly PhoneNumberToTimeZonesMapper Zoned = PhoneNumberToTimeZonesMapper.GetInstance();
    private static readonly PhoneNumberOfflineGeocoder Geocoder = PhoneNumberOfflineGeocoder.GetInstance();
    private static readonly ConcurrentDictionary<string, TimeZoneInfo?> ByName = new(StringComparer.Ordinal);

    // The last four digits never decide in North America, and hardly ever elsewhere; a lookup costs some ten microseconds.
    private static readonly ConcurrentDictionary<long, Whereabouts> ByPrefix = new();

    /// <summary>What libphonenumber makes of the number: ported ones and split area codes make it a hint.</summary>
    public static Whereabouts Of(PhoneNumber number)
    {
        var prefix = number.Digits / 10_000;
        if (ByPrefix.TryGetValue(prefix, out var known))
        {
            return known;
        }

        var found = Look(number);
        if (ByPrefix.Count < MostRemembered)
        {
            ByPrefix.TryAdd(prefix, found);
        }

        return found;
    }

    /// <summary>Null where this machine's tz database has no such zone.</summary>
    public static TimeZoneInfo? Zone(string name) => ByName.GetOrAdd(
        name, static name => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null);

    private static Whereabouts Look(PhoneNumber number)
    {
        PhoneNumbers.PhoneNumber parsed;
        try
        {
            parsed = Util.Parse(number.ToString(), null);
        }
        catch (NumberParseException)
        {
            return new Whereabouts([], "");
        }

        var zones = Zoned.GetTimeZonesForNumber(parsed).Select(Zone).OfType<TimeZoneInfo>().ToList();
        return new Whereabouts(zones, parsed.CountryCode == 1 ? States.RegionOf(Geocoder.GetDescriptionForNumber(parsed, Locale.English)) : "");
    }
}
