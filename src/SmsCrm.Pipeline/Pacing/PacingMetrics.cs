using System.Diagnostics.Metrics;

namespace SmsCrm.Pipeline.Pacing;

internal sealed class PacingMetrics
{
    private readonly Counter<long> _decisions;
    private readonly Histogram<double> _duration;

    public PacingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SmsCrm.Pacing");
        _decisions = meter.CreateCounter<long>("smscrm.pacing.decisions", "{decision}", "Messages that may go now, and that must wait.");
        _duration = meter.CreateHistogram(
            "smscrm.pacing.duration", "s", "The call to Redis for a batch.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1] });
    }

    public void Paced(TimeSpan elapsed, int going, int waiting)
    {
        _duration.Record(elapsed.TotalSeconds);
        _decisions.Add(going, new KeyValuePair<string, object?>("decision", "go"));
        _decisions.Add(waiting, new KeyValuePair<string, object?>("decision", "wait"));
    }
}
