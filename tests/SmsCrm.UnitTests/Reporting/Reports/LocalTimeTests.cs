using System.Globalization;
using SmsCrm.Reporting.Reports;

namespace SmsCrm.UnitTests.Reporting.Reports;

public sealed class LocalTimeTests
{
    [Theory]
    [InlineData("UTC", "2026-11-25", "2026-11-25T00:00Z", "2026-11-26T00:00Z")]
    [InlineData("Asia/Kolkata", "2026-11-25", "2026-11-24T18:30Z", "2026-11-25T18:30Z")]
    [InlineData("Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15Z", "2026-01-01T18:15Z")]
    [InlineData("America/St_Johns", "2026-11-25", "2026-11-25T03:30Z", "2026-11-26T03:30Z")]
    [InlineData("America/St_Johns", "2026-03-08", "2026-03-08T03:30Z", "2026-03-09T02:30Z")]
    [InlineData("America/St_Johns", "2026-11-01", "2026-11-01T02:30Z", "2026-11-02T03:30Z")]
    [InlineData("America/New_York", "2026-03-08", "2026-03-08T05:00Z", "2026-03-09T04:00Z")]
    [InlineData("America/New_York", "2026-11-01", "2026-11-01T04:00Z", "2026-11-02T05:00Z")]
    [InlineData("Europe/Vienna", "2026-03-29", "2026-03-28T23:00Z", "2026-03-29T22:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00Z", "2026-04-05T13:30Z")]
    [InlineData("Africa/Cairo", "2026-04-24", "2026-04-23T22:00Z", "2026-04-24T21:00Z")]
    [InlineData("America/Havana", "2026-11-01", "2026-11-01T04:00Z", "2026-11-02T05:00Z")]
    public void A_day_begins_and_ends_at_the_zones_own_midnights(string zone, string day, string start, string end)
    {
        var stretch = Assert.Single(LocalTime.Days(Day(day), Day(day), Zone(zone)));

        Assert.Equal((Moment(start), Moment(end)), (stretch.Start.ToUniversalTime(), stretch.End.ToUniversalTime()));
        Assert.Equal(Day(day), LocalTime.DayAt(stretch.Start, Zone(zone)));
    }

    [Theory]
    [InlineData("Asia/Kolkata", "2026-11-25", 24)]
    [InlineData("America/St_Johns", "2026-03-08", 23)]
    [InlineData("America/St_Johns", "2026-11-01", 25)]
    [InlineData("Australia/Lord_Howe", "2026-04-05", 25)]
    [InlineData("Africa/Cairo", "2026-04-24", 23)]
    public void A_day_has_as_many_hours_as_its_clock_shows(string zone, string day, int hours)
    {
        var stretches = LocalTime.Hours(Day(day), Day(day), Zone(zone));

        Assert.Equal(hours, stretches.Count);
        var whole = Assert.Single(LocalTime.Days(Day(day), Day(day), Zone(zone)));
        Assert.Equal((whole.Start, whole.End), (stretches[0].Start, stretches[^1].End));
        Assert.All(stretches.Zip(stretches.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
    }

    [Fact]
    public void An_hour_that_comes_twice_is_told_apart_by_its_offset()
    {
        var ones = LocalTime.Hours(Day("2026-11-01"), Day("2026-11-01"), Zone("America/St_Johns")).Where(hour => hour.Start.Hour == 1);

        Assert.Equal(
            ["2026-11-01T01:00:00-02:30", "2026-11-01T01:00:00-03:30"],
            ones.Select(hour => hour.Start.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void An_hour_that_is_left_out_is_none()
    {
        var hours = LocalTime.Hours(Day("2026-03-08"), Day("2026-03-08"), Zone("America/St_Johns"));

        Assert.DoesNotContain(hours, hour => hour.Start.Hour == 2);
        Assert.Equal(Moment("2026-03-08T05:30Z"), hours.Single(hour => hour.Start.Hour == 3).Start.ToUniversalTime());
    }

    [Fact]
    public void Where_the_clock_goes_back_by_half_an_hour_that_half_is_a_line_of_its_own()
    {
        var ones = LocalTime.Hours(Day("2026-04-05"), Day("2026-04-05"), Zone("Australia/Lord_Howe")).Where(hour => hour.Start.Hour == 1).ToList();

        Assert.Equal([60.0, 30.0], ones.Select(hour => (hour.End - hour.Start).TotalMinutes));
    }

    private static TimeZoneInfo Zone(string id) => TimeZoneInfo.FindSystemTimeZoneById(id);

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
