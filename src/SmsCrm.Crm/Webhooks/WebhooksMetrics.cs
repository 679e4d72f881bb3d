using System.Diagnostics.Metrics;
using SmsCrm.Pipeline.Ledger;

namespace SmsCrm.Crm.Webhooks;

/// <summary>Every instrument of this room, in the meter <c>SmsCrm.Webhooks</c>.</summary>
internal sealed class WebhooksMetrics : IDisposable
{
    public const string MeterName = "SmsCrm.Webhooks";

    private readonly Meter _meter;
    private readonly Counter<long> _enqueued;
    private readonly Counter<long> _attempts;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _switchedOff;
    private readonly UpDownCounter<long> _visits;
    private readonly FeedLag _lag;

    public WebhooksMetrics(IMeterFactory meters, FeedHold hold, TimeProvider clock)
    {
        _meter = meters.Create(MeterName);
        _enqueued = _meter.CreateCounter<long>("smscrm.webhooks.enqueued", "{delivery}", "Deliveries made of the ledger's events.");
        _attempts = _meter.CreateCounter<long>("smscrm.webhooks.attempts", "{attempt}", "Attempts, by result (2xx, 4xx, ..., no_answer).");
        _duration = _meter.CreateHistogram(
            "smscrm.webhooks.duration", "s", "How long receivers took to answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30] });
        _switchedOff = _meter.CreateCounter<long>("smscrm.webhooks.switched_off", "{endpoint}", "Endpoints that were switched off because they failed.");
        _visits = _meter.CreateUpDownCounter<long>("smscrm.webhooks.visits", "{endpoint}", "Endpoints being called now, by lane.");
        _lag = new FeedLag(_meter, "smscrm.webhooks.lag", hold, clock);
    }

    public void Dispose() => _meter.Dispose();

    public void FeedRead(IReadOnlyList<FeedItem> items) => _lag.HasRead(items);

    public void FeedNotRead() => _lag.Rests();

    public void Enqueued(int deliveries) => _enqueued.Add(deliveries);

    public void Attempted(AttemptOutcome outcome)
    {
        _attempts.Add(1, new KeyValuePair<string, object?>("result", outcome.Kind));
        _duration.Record(outcome.Latency.TotalSeconds);
    }

    public void SwitchedOff() => _switchedOff.Add(1);

    public void Visiting(bool slowLane, int change) => _visits.Add(change, new KeyValuePair<string, object?>("lane", slowLane ? "slow" : "quick"));
}
