namespace SmsCrm.LoadTests.Measuring;

/// <summary>
/// The open model: arrival times are drawn before the run (a Poisson process from a seed) and never depend on how fast the system answers.
/// Latency is counted from the intended time, so a stall is charged to everyone it kept waiting.
/// </summary>
internal sealed class ArrivalSchedule
{
    private readonly long[] _ticks;

    /// <param name="ratePerSecond">Mean arrivals a second, above 0 and up to 1,000,000.</param>
    /// <param name="seed">The same seed draws the same times.</param>
    public ArrivalSchedule(double ratePerSecond, TimeSpan duration, int seed)
    {
        var random = new Random(seed);
        var times = new List<long>((int)(ratePerSecond * duration.TotalSeconds * 1.05) + 16);
        var at = 0.0;
        while (true)
        {
            at += -Math.Log(1.0 - random.NextDouble()) / ratePerSecond;
            if (at >= duration.TotalSeconds)
            {
                break;
            }

            times.Add((long)(at * TimeSpan.TicksPerSecond));
        }

        _ticks = [.. times];
    }

    public int Count => _ticks.Length;

    /// <summary>The intended time of an arrival, from the start of the run.</summary>
    public TimeSpan IntendedAt(int arrival) => TimeSpan.FromTicks(_ticks[arrival]);
}
