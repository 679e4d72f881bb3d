using System.Diagnostics.Metrics;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

internal sealed class GatesMetrics
{
    private readonly Counter<long> _verdicts;
    private readonly Histogram<double> _facts;

    public GatesMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SmsCrm.Gates");
        _verdicts = meter.CreateCounter<long>("smscrm.gates.verdicts", "{verdict}", "Verdicts by gate, decision and reason.");
        _facts = meter.CreateHistogram(
            "smscrm.gates.facts.duration", "s", "The round trip that reads a batch's facts.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] });
    }

    public void Verdict(string gate, string decision, Reason reason) => _verdicts.Add(
        1,
        new KeyValuePair<string, object?>("gate", gate),
        new KeyValuePair<string, object?>("decision", decision),
        new KeyValuePair<string, object?>("reason", reason.Code()));

    public void FactsRead(TimeSpan elapsed) => _facts.Record(elapsed.TotalSeconds);
}
