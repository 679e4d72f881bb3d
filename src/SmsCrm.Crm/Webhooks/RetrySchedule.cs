namespace SmsCrm.Crm.Webhooks;

/// <summary>When a delivery is tried again: the schedule of Standard Webhooks 1.0.0, each delay with up to a fifth more, drawn anew each time.</summary>
internal static class RetrySchedule
{
    /// <summary>A receiver's Retry-After counts up to that.</summary>
    public static readonly TimeSpan LongestWish = TimeSpan.FromHours(24);

    private const double Jitter = 0.2;

    private static readonly TimeSpan[] Delays =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>Attempts of one delivery: the first at once, and one after each delay.</summary>
    public static int MostTries => Delays.Length + 1;

    /// <summary>From a failed attempt to the next; null: there is none.</summary>
    /// <param name="tries">Attempts made, from 1.</param>
    /// <param name="random">From 0 to 1.</param>
    public static TimeSpan? After(int tries, double random) => tries <= Delays.Length ? WithJitter(Delays[tries - 1], random) : null;

    /// <summary>How long a slowed endpoint is left alone: 5 s, doubled with each further failure up to 10 minutes.</summary>
    /// <param name="beyond">Failures since it was slowed, from 0.</param>
    public static TimeSpan Pause(int beyond, double random) =>
        WithJitter(TimeSpan.FromSeconds(Math.Min(600, 5 * Math.Pow(2, Math.Min(beyond, 10)))), random);

    private static TimeSpan WithJitter(TimeSpan delay, double random) => delay * (1 + (Jitter * random));
}
