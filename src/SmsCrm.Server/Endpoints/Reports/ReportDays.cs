namespace SmsCrm.Server.Endpoints.Reports;

/// <summary>The range of days that is asked for, or what is wrong with it.</summary>
internal static class ReportDays
{
    /// <param name="today">The tenant's.</param>
    public static (DateOnly First, DateOnly Last) Read(
        QueryReader query, string? from, string? to, DateOnly today, int defaultDays, int mostDays)
    {
        var (first, last) = (query.Day("from", from), query.Day("to", to));
        if (query.HasErrors)
        {
            return (today, today);
        }

        var end = last ?? today;
        var begin = first ?? end.AddDays(1 - defaultDays);
        if (begin > end)
        {
            query.Refuse("from", from!, to is null ? $"it is after today ({end:yyyy-MM-dd}): name an earlier day" : $"it is after 'to' ({to}): exchange them");
        }
        else if (end.DayNumber - begin.DayNumber >= mostDays)
        {
            query.Refuse("from", from!, FormattableString.Invariant(
                $"it is {end.DayNumber - begin.DayNumber + 1} days with 'to' ({end:yyyy-MM-dd}): ask for {mostDays} days at most"));
        }

        return (begin, end);
    }
}
