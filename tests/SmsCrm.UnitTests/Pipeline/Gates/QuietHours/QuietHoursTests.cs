using System.Collections.Frozen;
using System.Globalization;
using SmsCrm.Pipeline.Gates;
using SmsCrm.Pipeline.Gates.QuietHours;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.UnitTests.Pipeline.Gates.QuietHours;

/// <summary>The law's windows by table. Every expected instant is a literal, worked out by hand from the reference and the zones' offsets.</summary>
[Collection(nameof(ServerZone))]
public sealed class QuietHoursTests
{
    private const string AnyNumber = "+12125550100";

    /// <summary>Place, the instant from which it is open, the instant at which it closes; both UTC. A place is a stored state, a stored zone or a number.</summary>
    private static readonly (string Place, string Opens, string Closes)[] Table =
    [
        // Wednesday, 14 January 2026: standard time. States in two zones are open while both are.
        ("US-AL", "2026-01-14T14:00", "2026-01-15T02:00"),
        ("US-LA", "2026-01-14T14:00", "2026-01-15T02:00"),
        ("US-MS", "2026-01-14T14:00", "2026-01-15T02:00"),
        ("US-CT", "2026-01-14T14:00", "2026-01-15T01:00"),
        ("US-FL", "2026-01-14T14:00", "2026-01-15T01:00"),
        ("US-OK", "2026-01-14T14:00", "2026-01-15T02:00"),
        ("US-MD", "2026-01-14T13:00", "2026-01-15T01:00"),
        ("US-MA", "2026-01-14T13:00", "2026-01-15T01:00"),
        ("US-NJ", "2026-01-14T13:00", "2026-01-15T01:00"),
        ("US-WA", "2026-01-14T16:00", "2026-01-15T04:00"),
        ("US-TX", "2026-01-14T16:00", "2026-01-15T03:00"),
        ("US-RI", "2026-01-14T14:00", "2026-01-14T23:00"),
        ("US-KY", "2026-01-14T16:00", "2026-01-15T02:00"),
        ("US-NV", "2026-01-14T17:00", "2026-01-15T03:00"),
        ("US-CA", "2026-01-14T17:00", "2026-01-15T05:00"),
        ("US-MI", "2026-01-14T15:00", "2026-01-15T02:00"),
        ("US-MN", "2026-01-14T15:00", "2026-01-15T03:00"),
        ("US-NM", "2026-01-14T16:00", "2026-01-15T04:00"),
        ("US-NY", "2026-01-14T13:00", "2026-01-15T02:00"),
        ("US-IL", "2026-01-14T14:00", "2026-01-15T03:00"),
        ("US-PA", "2026-01-14T13:00", "2026-01-15T02:00"),
        ("US-AZ", "2026-01-14T15:00", "2026-01-15T04:00"),
        ("US-HI", "2026-01-14T18:00", "2026-01-15T07:00"),
        ("US-PR", "2026-01-14T12:00", "2026-01-15T01:00"),

        // Wednesday, 15 July 2026: daylight-saving time, which Arizona, Hawaii and Puerto Rico don't keep.
        ("US-NY", "2026-07-15T12:00", "2026-07-16T01:00"),
        ("US-CA", "2026-07-15T16:00", "2026-07-16T04:00"),
        ("US-AZ", "2026-07-15T15:00", "2026-07-16T04:00"),
        ("US-HI", "2026-07-15T18:00", "2026-07-16T07:00"),
        ("US-PR", "2026-07-15T12:00", "2026-07-16T01:00"),

        // The nights in which the clocks change: Sunday, 8 March and 1 November 2026.
        ("US-NY", "2026-03-07T13:00", "2026-03-08T02:00"),
        ("US-NY", "2026-03-08T12:00", "2026-03-09T01:00"),
        ("US-NY", "2026-10-31T12:00", "2026-11-01T01:00"),
        ("US-NY", "2026-11-01T13:00", "2026-11-02T02:00"),

        // Weekends, and what Texas had before 1 September 2025.
        ("US-AL", "2026-01-17T14:00", "2026-01-18T02:00"),
        ("US-TX", "2026-01-18T19:00", "2026-01-19T03:00"),
        ("US-RI", "2026-01-17T15:00", "2026-01-17T22:00"),
        ("US-TX", "2025-08-27T14:00", "2025-08-28T02:00"),

        // A stored zone alone, and what libphonenumber knows of a number: London, Paris, Toronto, Phoenix, Honolulu, San Juan.
        ("America/Denver", "2026-01-14T15:00", "2026-01-15T04:00"),
        ("+442079460000", "2026-01-14T08:00", "2026-01-14T21:00"),
        ("+33612345678", "2026-01-14T07:00", "2026-01-14T20:00"),
        ("+14165550100", "2026-01-14T13:00", "2026-01-15T02:00"),
        ("+16025550100", "2026-07-15T15:00", "2026-07-16T04:00"),
        ("+18085550100", "2026-07-15T18:00", "2026-07-16T07:00"),
        ("+17875550100", "2026-07-15T12:00", "2026-07-16T01:00"),
    ];

    [Theory]
    [InlineData("UTC")]
    [InlineData("America/Los_Angeles")]
    [InlineData("Asia/Kolkata")]
    [InlineData("Pacific/Auckland")]
    [InlineData("America/New_York")]
    public void Marketing_goes_within_the_window_of_the_recipients_place_whatever_the_servers_own_zone(string serverZone)
    {
        using var server = new ServerZone(serverZone);
        foreach (var (place, opens, closes) in Table)
        {
            Assert.True(IsClosed(place, At(opens).AddSeconds(-1)), $"{place} is open before {opens}");
            Assert.True(IsOpen(place, At(opens)), $"{place} is closed at {opens}");
            Assert.True(IsOpen(place, At(closes).AddSeconds(-3)), $"{place} is closed before {closes}");

            // It could begin up to 2 s later, on the facts as they are.
            Assert.True(IsClosed(place, At(closes).AddSeconds(-2)), $"{place} is open 2 s before {closes}");
        }
    }

    [Theory]
    [InlineData("US-NY", "2026-01-14T03:30", "2026-01-14T13:00")] // the same morning
    [InlineData("US-AL", "2026-01-18T18:00", "2026-01-20T14:00")] // no Sundays, and Monday, the 19th, is Martin Luther King Day
    [InlineData("US-MS", "2026-01-18T18:00", "2026-01-19T14:00")] // no Sundays
    [InlineData("US-LA", "2026-12-25T18:00", "2026-12-26T14:00")] // Christmas
    [InlineData("US-LA", "2027-07-05T18:00", "2027-07-06T13:00")] // the Fourth is a Sunday, kept on Monday
    [InlineData("US-TX", "2026-01-18T17:00", "2026-01-18T19:00")] // Sundays from noon, in both zones
    [InlineData("+442079460000", "2026-01-14T22:15", "2026-01-15T08:00")]
    public void What_is_outside_waits_for_the_next_opening(string place, string now, string next)
    {
        var deferred = Assert.IsType<GateDecision.Defer>(Judge(place, At(now)));

        Assert.Equal(At(next), deferred.Until);
        Assert.Equal(Reason.QuietHours, deferred.Reason);
    }

    [Fact]
    public void A_number_in_several_zones_goes_when_all_of_them_are_open()
    {
        // An Australian mobile: 8 o'clock comes last to the Cocos Islands (UTC+6:30), 21 o'clock first to Sydney (UTC+11 in January).
        Assert.True(IsClosed("+61412345678", At("2026-01-14T01:29")));
        Assert.True(IsOpen("+61412345678", At("2026-01-14T01:30")));
        Assert.True(IsOpen("+61412345678", At("2026-01-14T09:59")));
        Assert.True(IsClosed("+61412345678", At("2026-01-14T10:00")));
    }

    [Fact]
    public void An_area_code_makes_its_states_window_apply_unless_the_tenant_says_otherwise()
    {
        var eightInTexas = At("2026-01-14T14:30");
        var lenient = new TenantRules { QuietHours = new QuietHoursRules { AreaCodeMakesState = false } };

        Assert.IsType<GateDecision.Defer>(Judge("+12145550100", eightInTexas));
        Assert.Same(GateDecision.Pass, Judge("+12145550100", eightInTexas, lenient));
    }

    [Fact]
    public void Transactional_texts_are_exempt_unless_the_tenant_wants_otherwise()
    {
        var night = At("2026-01-14T08:00");
        var strict = new TenantRules { QuietHours = new QuietHoursRules { TransactionalToo = true } };

        Assert.Same(GateDecision.Pass, Judge("US-NY", night, purpose: Purpose.Transactional));
        Assert.IsType<GateDecision.Defer>(Judge("US-NY", night, strict, Purpose.Transactional));
    }

    [Fact]
    public void A_tenants_own_hours_only_narrow_the_laws()
    {
        var wide = Own(new AllowedHours(FrozenSet.Create(DayOfWeek.Wednesday), new TimeOnly(0, 0), new TimeOnly(23, 59)));
        var narrow = Own(new AllowedHours(FrozenSet.Create(DayOfWeek.Wednesday), new TimeOnly(12, 0), new TimeOnly(13, 0), ClosesOtherDays: true));

        Assert.IsType<GateDecision.Defer>(Judge("US-NY", At("2026-01-14T12:59"), wide));
        Assert.IsType<GateDecision.Defer>(Judge("US-NY", At("2026-01-14T16:59"), narrow));
        Assert.Same(GateDecision.Pass, Judge("US-NY", At("2026-01-14T17:00"), narrow));
        Assert.Equal(At("2026-01-21T17:00"), Assert.IsType<GateDecision.Defer>(Judge("US-NY", At("2026-01-15T17:00"), narrow)).Until);
    }

    [Fact]
    public void The_conservative_preset_is_Monday_to_Friday_ten_to_six()
    {
        var rules = new TenantRules { QuietHours = new QuietHoursRules { IsConservative = true } };

        Assert.Same(GateDecision.Pass, Judge("US-NY", At("2026-01-14T15:00"), rules));
        Assert.Equal(At("2026-01-20T15:00"), Assert.IsType<GateDecision.Defer>(Judge("US-NY", At("2026-01-17T15:00"), rules)).Until);
    }

    /// <summary>The eleven holidays as the Office of Personnel Management lists them for 2026, 2027 and 2028, with the days on which they are kept.</summary>
    [Fact]
    public void The_federal_holidays_are_those_of_the_calendar()
    {
        string[] listed =
        [
            "2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03", "2026-07-04", "2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26",
            "2026-12-25", "2027-01-01", "2027-01-18", "2027-02-15", "2027-05-31", "2027-06-18", "2027-06-19", "2027-07-04", "2027-07-05", "2027-09-06", "2027-10-11",
            "2027-11-11", "2027-11-25", "2027-12-24", "2027-12-25", "2027-12-31", "2028-01-01", "2028-01-17", "2028-02-21", "2028-05-29", "2028-06-19", "2028-07-04",
            "2028-09-04", "2028-10-09", "2028-11-10", "2028-11-11", "2028-11-23", "2028-12-25",
        ];

        var found = Enumerable.Range(0, 1_096).Select(new DateOnly(2026, 1, 1).AddDays).Where(FederalHolidays.Contains);

        Assert.Equal(listed, found.Select(day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("US-AL", "2026-05-25T17:00", true)] // Memorial Day
    [InlineData("US-LA", "2026-11-26T17:00", true)] // Thanksgiving
    [InlineData("US-MS", "2026-05-25T17:00", false)]
    [InlineData("US-TX", "2026-05-25T17:00", false)]
    [InlineData("US-RI", "2026-05-25T17:00", false)]
    [InlineData("US-CT", "2026-05-25T17:00", false)]
    public void Alabama_and_Louisiana_rest_on_federal_holidays(string state, string at, bool isClosed) => Assert.Equal(isClosed, IsClosed(state, At(at)));

    [Fact]
    public void Texas_new_hours_begin_on_their_first_day()
    {
        Assert.True(IsOpen("US-TX", At("2025-08-31T15:00")));
        // 8:30 in El Paso, 9:30 in the rest of the state: by the old hours both were open.
        Assert.True(IsClosed("US-TX", At("2025-09-01T14:30")));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("US", true)]
    [InlineData("US-NY", true)]
    [InlineData("CA", false)]
    [InlineData("US-TX", false)]
    public void A_tenants_hours_hold_where_it_says(string region, bool isClosed)
    {
        var rules = Own(new AllowedHours(FrozenSet.Create(DayOfWeek.Wednesday), new TimeOnly(12, 15), new TimeOnly(13, 45), region));

        Assert.Equal(isClosed, Judge("US-NY", At("2026-01-14T15:00"), rules) is GateDecision.Defer);
        Assert.Same(GateDecision.Pass, Judge("US-NY", At("2026-01-14T17:15"), rules));
        Assert.Equal(isClosed, Judge("US-NY", At("2026-01-14T17:14"), rules) is GateDecision.Defer);
        Assert.Equal(isClosed, Judge("US-NY", At("2026-01-14T18:45"), rules) is GateDecision.Defer);
        Assert.Same(GateDecision.Pass, Judge("US-NY", At("2026-01-15T15:00"), rules));
    }

    [Fact]
    public void Where_nothing_opens_within_two_weeks_it_is_looked_at_again_then()
    {
        var never = Own(new AllowedHours(FrozenSet.Create(DayOfWeek.Wednesday), new TimeOnly(2, 0), new TimeOnly(3, 0), ClosesOtherDays: true));

        Assert.Equal(At("2026-01-28T15:00"), Assert.IsType<GateDecision.Defer>(Judge("US-NY", At("2026-01-14T15:00"), never)).Until);
    }

    [Fact]
    public void What_opens_on_the_last_day_of_two_weeks_is_found()
    {
        var wednesdays = Own(new AllowedHours(FrozenSet.Create(DayOfWeek.Wednesday), new TimeOnly(12, 0), new TimeOnly(13, 0), ClosesOtherDays: true));

        Assert.Equal(At("2026-01-21T17:00"), Assert.IsType<GateDecision.Defer>(Judge("US-NY", At("2026-01-14T18:30"), wednesdays)).Until);
    }

    [Fact]
    public void The_verdict_says_which_window_and_which_zones()
    {
        var texas = FactsOf(Judge("US-TX", At("2026-01-14T08:00")));
        var york = FactsOf(Judge("US-NY", At("2026-01-14T08:00")));
        var australia = FactsOf(Judge("+61412345678", At("2026-01-14T01:00")));

        Assert.StartsWith("Tex.", texas.GetProperty("window").GetString(), StringComparison.Ordinal);
        Assert.Equal(("47 CFR 64.1200(c)(1)", "America/New_York", "stored state"), (Text(york, "window"), Text(york, "zones"), Text(york, "known_by")));
        Assert.Matches(@"^([A-Za-z]+/[A-Za-z_]+, ){4}[A-Za-z]+/[A-Za-z_]+ and \d+ more$", Text(australia, "zones"));
    }

    [Fact]
    public void A_number_of_no_country_is_taken_to_be_at_Greenwich()
    {
        Assert.True(IsOpen("+80012345678", At("2026-01-14T08:00")));
        Assert.True(IsClosed("+80012345678", At("2026-01-14T07:59")));
    }

    private static System.Text.Json.JsonElement FactsOf(GateDecision said) =>
        System.Text.Json.JsonElement.Parse(Assert.IsType<GateDecision.Defer>(said).Detail!).GetProperty("facts");

    private static string Text(System.Text.Json.JsonElement facts, string name) => facts.GetProperty(name).GetString()!;

    private static TenantRules Own(AllowedHours hours) => new() { QuietHours = new QuietHoursRules { Hours = [hours] } };

    private static bool IsOpen(string place, DateTimeOffset now) => ReferenceEquals(Judge(place, now), GateDecision.Pass);

    private static bool IsClosed(string place, DateTimeOffset now) => Judge(place, now) is GateDecision.Defer;

    private static GateDecision Judge(string place, DateTimeOffset now, TenantRules? rules = null, Purpose purpose = Purpose.Marketing)
    {
        Assert.True(PhoneNumber.TryParseE164(place[0] == '+' ? place : AnyNumber, out var number));
        var input = new GateInput(number, purpose, now, null, null, TenantStanding.Active, default, now)
        {
            Country = place.StartsWith("+44", StringComparison.Ordinal) ? "GB" : place.StartsWith("+33", StringComparison.Ordinal) ? "FR" : "US",
            Region = place.StartsWith("US-", StringComparison.Ordinal) ? place : null,
            TimeZone = place.Contains('/', StringComparison.Ordinal) ? place : null,
            Rules = rules ?? TenantRules.Default,
        };
        return new QuietHoursGate().Judge(in input);
    }

    private static DateTimeOffset At(string utc) =>
        DateTimeOffset.ParseExact(utc, "yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
