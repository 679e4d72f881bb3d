namespace SmsCrm.Reporting.Reports;

/// <summary>A day or an hour of a zone as a stretch of time.</summary>
/// <param name="Day">The zone's own day.</param>
/// <param name="Start">Its first moment, at the zone's offset then.</param>
/// <param name="End">The first moment after it.</param>
public readonly record struct LocalStretch(DateOnly Day, DateTimeOffset Start, DateTimeOffset End);

/// <summary>
/// Days and hours of a time zone, days of 23 and 25 hours and half-hour offsets included; pure. A whole day that a zone left out (Samoa, 30 December
/// 2011: long before any message here) is not.
/// </summary>
public static class LocalTime
{
    /// <summary>Every offset in use is a multiple of it, and so is the ledger's grain.</summary>
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    /// <summary>The first moment of a day. Where midnight comes twice the first counts, where it is left out the first moment after the gap.</summary>
    public static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
        {
            local += Quarter;
        }

        return new DateTimeOffset(local, zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local));
    }

    /// <summary>Which day it is there.</summary>
    public static DateOnly DayAt(DateTimeOffset moment, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, zone).DateTime);

    /// <summary>A stretch for each day, both included.</summary>
    public static IReadOnlyList<LocalStretch> Days(DateOnly first, DateOnly last, TimeZoneInfo zone)
    {
        var days = new List<LocalStretch>(last.DayNumber - first.DayNumber + 1);
        for (var (day, start) = (first, StartOf(first, zone)); day <= last; day = day.AddDays(1))
        {
            var end = StartOf(day.AddDays(1), zone);
            days.Add(new LocalStretch(day, start, end));
            start = end;
        }

        return days;
    }

    /// <summary>A stretch for each hour of the clock; an hour that comes twice is two, told apart by their offsets.</summary>
    public static IReadOnlyList<LocalStretch> Hours(DateOnly first, DateOnly last, TimeZoneInfo zone)
    {
        var hours = new List<LocalStretch>((last.DayNumber - first.DayNumber + 1) * 25);
        var end = StartOf(last.AddDays(1), zone);
        for (var moment = StartOf(first, zone); moment < end; moment = TimeZoneInfo.ConvertTime(moment + Quarter, zone))
        {
            var day = DateOnly.FromDateTime(moment.DateTime);
            if (hours is [.., var open] && open.Day == day && open.Start.Hour == moment.Hour && open.Start.Offset == moment.Offset)
            {
                hours[^1] = open with { End = TimeZoneInfo.ConvertTime(moment + Quarter, zone) };
            }
            else
            {
                hours.Add(new LocalStretch(day, moment, TimeZoneInfo.ConvertTime(moment + Quarter, zone)));
            }
        }

        return hours;
    }
}
