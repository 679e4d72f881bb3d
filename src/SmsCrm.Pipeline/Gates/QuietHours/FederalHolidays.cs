namespace SmsCrm.Pipeline.Gates.QuietHours;

/// <summary>The eleven legal public holidays of the United States, 5 U.S.C. 6103(a), and the weekday on which one that falls on a weekend is kept.</summary>
internal static class FederalHolidays
{
    public static bool Contains(DateOnly day) =>
        IsHoliday(day)
        || (day.DayOfWeek == DayOfWeek.Friday && IsFixed(day.AddDays(1)))
        || (day.DayOfWeek == DayOfWeek.Monday && IsFixed(day.AddDays(-1)));

    private static bool IsHoliday(DateOnly day) => IsFixed(day) || day switch
    {
        { Month: 1, DayOfWeek: DayOfWeek.Monday } => IsNth(day, 3), // Martin Luther King
        { Month: 2, DayOfWeek: DayOfWeek.Monday } => IsNth(day, 3), // Washington
        { Month: 5, DayOfWeek: DayOfWeek.Monday } => day.AddDays(7).Month == 6, // Memorial Day
        { Month: 9, DayOfWeek: DayOfWeek.Monday } => IsNth(day, 1), // Labor Day
        { Month: 10, DayOfWeek: DayOfWeek.Monday } => IsNth(day, 2), // Columbus
        { Month: 11, DayOfWeek: DayOfWeek.Thursday } => IsNth(day, 4), // Thanksgiving
        _ => false,
    };

    private static bool IsFixed(DateOnly day) => (day.Month, day.Day) is (1, 1) or (6, 19) or (7, 4) or (11, 11) or (12, 25);

    private static bool IsNth(DateOnly day, int n) => (day.Day - 1) / 7 == n - 1;
}
