using System.Diagnostics.Metrics;
using SmsCrm.Contracts.V1;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>Every instrument of this room, in the meter <c>SmsCrm.Ingest</c>.</summary>
public sealed class IngestMetrics : IDisposable
{
    public const string MeterName = "SmsCrm.Ingest";

    internal const string Busy = "busy";

    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _keyStoreAway;
    private readonly Counter<long> _appendsLeft;
    private readonly Counter<long> _recorded;

    public IngestMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _requests = _meter.CreateCounter<long>("smscrm.ingest.requests", "{message}", "Messages offered, by outcome and purpose.");
        _duration = _meter.CreateHistogram("smscrm.ingest.duration", "s", "From a request that was read to its answer, of accepted messages.", advice: Durations);
        _keyStoreAway = _meter.CreateCounter<long>("smscrm.ingest.key_store.away", "{lookup}", "Idempotency keys that could not be looked up, by store.");
        _appendsLeft = _meter.CreateCounter<long>("smscrm.ingest.appends.left", "{message}", "Committed messages whose append failed: Waiting feeds them.");
        _recorded = _meter.CreateCounter<long>("smscrm.recorder.records", "{record}", "Requests that the recorder has seen through, by result.");
    }

    public void Dispose() => _meter.Dispose();

    internal void ObserveInFlight(Func<int> inFlight) =>
        _meter.CreateObservableGauge("smscrm.ingest.in_flight", inFlight, "{message}", "Messages that are being accepted.");

    internal void Count(string outcome) => _requests.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    internal void Answered(IngestOutcome outcome, Purpose purpose, TimeSpan duration)
    {
        var name = outcome switch
        {
            IngestOutcome.Accepted { Repeated: true } => "repeated",
            IngestOutcome.Accepted => "accepted",
            IngestOutcome.Invalid => "invalid",
            IngestOutcome.Conflict => "conflict",
            IngestOutcome.Busy => Busy,
            IngestOutcome.Unavailable => "unavailable",
            _ => throw new InvalidOperationException($"No name for {outcome.GetType().Name}"),
        };
        _requests.Add(1, new("outcome", name), new("purpose", PurposeName(purpose)));
        if (outcome is IngestOutcome.Accepted)
        {
            _duration.Record(duration.TotalSeconds);
        }
    }

    internal void KeyStoreAway(string store) => _keyStoreAway.Add(1, new KeyValuePair<string, object?>("store", store));

    internal void AppendedLater() => _appendsLeft.Add(1);

    internal void Recorded(string result, int records) => _recorded.Add(records, new KeyValuePair<string, object?>("result", result));

    private static string PurposeName(Purpose purpose) => purpose switch
    {
        Purpose.Transactional => "transactional",
        Purpose.Marketing => "marketing",
        _ => "none",
    };
}
