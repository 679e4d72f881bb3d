using System.Diagnostics;
using System.Diagnostics.Metrics;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Every instrument of the ledger but that of <see cref="FeedHold"/>; meter <c>SmsCrm.Ledger</c>.</summary>
internal sealed class LedgerMetrics
{
    public const string MeterName = "SmsCrm.Ledger";

    private readonly Counter<long> _transitions;
    private readonly Histogram<double> _batch;
    private readonly Counter<long> _halved;
    private readonly Counter<long> _inTheWay;
    private readonly Counter<long> _twice;
    private readonly Counter<long> _folded;

    public LedgerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _transitions = meter.CreateCounter<long>("smscrm.ledger.transitions", "{transition}", "Changes of messages by the state they lead to and how they ended");
        _batch = meter.CreateHistogram(
            "smscrm.ledger.batch.duration",
            "s",
            "Time of a batch's transaction, COMMIT included",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] });
        _halved = meter.CreateCounter<long>("smscrm.ledger.halvings", "{halving}", "Batches halved because an entry of theirs can't be written");
        _inTheWay = meter.CreateCounter<long>("smscrm.ledger.retries", "{retry}", "Batches tried again after a deadlock or serialization failure");
        _twice = meter.CreateCounter<long>("smscrm.ledger.texted_twice", "{message}", "Messages that the provider took twice: an alert");
        _folded = meter.CreateCounter<long>("smscrm.ledger.folded", "{delta}", "Count deltas folded into totals");
    }

    public void Applied(IReadOnlyList<RowChange> changes, TimeSpan duration)
    {
        _batch.Record(duration.TotalSeconds);
        if (!_transitions.Enabled)
        {
            return;
        }

        foreach (var group in changes.GroupBy(change => (change.State, change.Result.Result)))
        {
            _transitions.Add(
                group.Count(),
                new TagList { { "state", group.Key.State.Code() }, { "result", group.Key.Result.ToString().ToLowerInvariant() } });
        }
    }

    public void Halved() => _halved.Add(1);

    public void InTheWay() => _inTheWay.Add(1);

    public void TextedTwice() => _twice.Add(1);

    public void Folded(long deltas) => _folded.Add(deltas);
}
