using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Pipeline.Gates.QuietHours;

/// <summary>When every rule is open in every zone. Pure; knows no zone of the machine's own.</summary>
internal sealed class OpenHours(IReadOnlyList<TimeZoneInfo> zones, IReadOnlyList<Func<DateOnly, DayHours>> rules)
{
    /// <summary>How far ahead an opening is looked for: two weeks have every weekday twice.</summary>
    private const int DaysAhead = 14;

    public bool IsOpen(DateTimeOffset at)
    {
        foreach (var zone in zones)
        {
            var local = TimeZoneInfo.ConvertTime(at, zone);
            var day = DateOnly.FromDateTime(local.DateTime);
            var minute = (local.Hour * 60) + local.Minute;
            foreach (var rule in rules)
            {
                if (!rule(day).Contains(minute))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>The first instant from <paramref name="after"/> on that is open, and <paramref name="length"/> later too; null where there is none within two weeks.</summary>
    public DateTimeOffset? NextOpening(DateTimeOffset after, TimeSpan length)
    {
        // It is open from the moment on at which the last of them opens: only openings can be the answer.
        foreach (var opening in Openings(after).Prepend(after).Order())
        {
            if (opening >= after && IsOpen(opening) && IsOpen(opening + length))
            {
                return opening;
            }
        }

        return null;
    }

    private IEnumerable<DateTimeOffset> Openings(DateTimeOffset after)
    {
        foreach (var zone in zones)
        {
            var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(after, zone).DateTime);
            for (var day = today; day <= today.AddDays(DaysAhead); day = day.AddDays(1))
            {
                foreach (var hours in rules.Select(rule => rule(day)).Where(hours => hours.From < hours.To).Distinct())
                {
                    // Where the clocks are put forward over it, the day begins with the first minute that there is.
                    var local = day.ToDateTime(TimeOnly.MinValue).AddMinutes(hours.From);
                    while (zone.IsInvalidTime(local))
                    {
                        local = local.AddMinutes(1);
                    }

                    yield return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
                }
            }
        }
    }

    /// <summary>A tenant's narrower hours as a rule.</summary>
    public static Func<DateOnly, DayHours> Of(AllowedHours hours) => day =>
        hours.Days.Contains(day.DayOfWeek) ? new DayHours(Minute(hours.From), Minute(hours.To))
        : hours.ClosesOtherDays ? DayHours.Closed
        : new DayHours(0, 24 * 60);

    private static int Minute(TimeOnly time) => (time.Hour * 60) + time.Minute;
}
