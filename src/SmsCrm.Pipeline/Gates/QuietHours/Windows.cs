using System.Collections.Frozen;

namespace SmsCrm.Pipeline.Gates.QuietHours;

/// <summary>When marketing may reach somebody on one day of the week, in the recipient's local time.</summary>
/// <param name="From">The first allowed minute of the day, 0 to 1,440.</param>
/// <param name="To">The first minute that is no longer allowed; equal to <paramref name="From"/> where the day is closed.</param>
internal readonly record struct DayHours(int From, int To)
{
    public static readonly DayHours Closed = new(0, 0);

    public static DayHours Between(int fromHour, int toHour) => new(fromHour * 60, toHour * 60);

    public bool Contains(int minute) => minute >= From && minute < To;
}

/// <summary>One rule of one region: hours by day of the week, and whether it rests on federal holidays.</summary>
/// <param name="Region">ISO 3166-1 alpha-2, or ISO 3166-2 for a state.</param>
/// <param name="Since">The first local day on which it counts.</param>
/// <param name="ClosedOnHolidays">On the eleven federal holidays (5 U.S.C. 6103).</param>
/// <param name="Source">Where it is from.</param>
internal sealed record Window(
    string Region, DateOnly Since, DayHours Weekday, DayHours Saturday, DayHours Sunday, bool ClosedOnHolidays, string Source)
{
    public DayHours On(DateOnly day) =>
        day < Since ? new DayHours(0, 24 * 60)
        : ClosedOnHolidays && FederalHolidays.Contains(day) ? DayHours.Closed
        : day.DayOfWeek switch
        {
            DayOfWeek.Saturday => Saturday,
            DayOfWeek.Sunday => Sunday,
            _ => Weekday,
        };
}

/// <summary>
/// The law's windows as data. Compiled from secondary sources (dropcowboy.com, November 2025; usestello.com, April 2026) and the statutes
/// that they name; sources conflict about Illinois and Pennsylvania, which have the federal window. To be confirmed by counsel.
/// </summary>
internal static class Windows
{
    /// <summary>Raised with every change of the data; kept with each verdict.</summary>
    public const string Version = "2026-04";

    private static readonly DateOnly Always = DateOnly.MinValue;

    /// <summary>8:00 to 21:00 of the called party's local time, 47 CFR 64.1200(c)(1); for other countries the same, by prudence.</summary>
    public static readonly Window General = Daily("US", 8, 21, "47 CFR 64.1200(c)(1)");

    /// <summary>The preset that a tenant may choose: Monday to Friday 10:00 to 18:00.</summary>
    public static readonly Window Conservative = new(
        "", Always, DayHours.Between(10, 18), DayHours.Closed, DayHours.Closed, ClosedOnHolidays: true, "the tenant's preset 'conservative'");

    private static readonly FrozenDictionary<string, Window> States = new[]
    {
        NoSundays("US-AL", closedOnHolidays: true, "Ala. Code 8-19A"),
        NoSundays("US-LA", closedOnHolidays: true, "La. R.S. 45:844.11 ff"),
        NoSundays("US-MS", closedOnHolidays: false, "Miss. Code 77-3-701 ff"),
        Daily("US-CT", 9, 20, "Conn. Gen. Stat. 42-288a"),
        Daily("US-FL", 8, 20, "Fla. Stat. 501.059"),
        Daily("US-OK", 8, 20, "Okla. Stat. 15-775C"),
        Daily("US-MD", 8, 20, "Md. Com. Law 14-3201 ff"),
        Daily("US-MA", 8, 20, "201 CMR 12"),
        Daily("US-NJ", 8, 20, "N.J.S.A. 56:8-119 ff"),
        Daily("US-WA", 8, 20, "RCW 19.158.040"),
        new("US-TX", new DateOnly(2025, 9, 1), DayHours.Between(9, 21), DayHours.Between(9, 21), DayHours.Between(12, 21), false, "Tex. Bus. & Com. Code 301.051, SB 140"),
        new("US-RI", Always, DayHours.Between(9, 18), DayHours.Between(10, 17), DayHours.Between(10, 17), false, "R.I. Gen. Laws 5-61"),
        Daily("US-KY", 10, 21, "KRS 367.46955"),
        Daily("US-NV", 9, 20, "NRS 598"),
        Daily("US-CA", 9, 21, "a single secondary source"),
        Daily("US-MI", 9, 21, "MCL 445.111 ff"),
        Daily("US-MN", 9, 21, "Minn. Stat. 325E.30"),
        Daily("US-NM", 9, 21, "N.M. Stat. 57-12-22"),
    }.ToFrozenDictionary(window => window.Region);

    /// <summary>The state's own window; null where only the general one counts.</summary>
    /// <param name="region">ISO 3166-2; empty where the state is not known.</param>
    public static Window? OfState(string region) => States.GetValueOrDefault(region);

    private static Window Daily(string region, int from, int to, string source) =>
        new(region, Always, DayHours.Between(from, to), DayHours.Between(from, to), DayHours.Between(from, to), false, source);

    private static Window NoSundays(string region, bool closedOnHolidays, string source) =>
        new(region, Always, DayHours.Between(8, 20), DayHours.Between(8, 20), DayHours.Closed, closedOnHolidays, source);
}
