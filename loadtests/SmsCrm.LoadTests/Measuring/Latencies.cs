using HdrHistogram;

namespace SmsCrm.LoadTests.Measuring;

/// <summary>An HdrHistogram of latencies from 1 microsecond to 10 minutes at three digits; safe from several threads.</summary>
internal sealed class Latencies
{
    private readonly LongConcurrentHistogram _microseconds = new(1, 600_000_000, 3);

    public void Record(TimeSpan latency) =>
        _microseconds.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, 600_000_000));

    public LatencySummary Summarise() => _microseconds.TotalCount == 0
        ? new LatencySummary(0, 0, 0, 0, 0, 0)
        : new LatencySummary(_microseconds.TotalCount, At(50), At(90), At(99), At(99.9), At(100));

    private double At(double percentile) => Math.Round(_microseconds.GetValueAtPercentile(percentile) / 1000.0, 2);
}

/// <summary>Latencies in milliseconds.</summary>
internal sealed record LatencySummary(long Count, double P50Ms, double P90Ms, double P99Ms, double P999Ms, double MaxMs);
