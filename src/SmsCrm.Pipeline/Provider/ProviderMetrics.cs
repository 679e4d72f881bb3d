using System.Diagnostics.Metrics;

namespace SmsCrm.Pipeline.Provider;

/// <summary>Every instrument of this room, in the meter <c>SmsCrm.Provider</c>.</summary>
public sealed class ProviderMetrics : IDisposable
{
    public const string MeterName = "SmsCrm.Provider";

    private readonly Meter _meter;
    private readonly Counter<long> _posts;
    private readonly Counter<long> _reads;
    private readonly Histogram<double> _postDuration;

    public ProviderMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _posts = _meter.CreateCounter<long>("smscrm.provider.posts", "{post}", "POSTs to the provider, by outcome and the provider's code.");
        _postDuration = _meter.CreateHistogram(
            "smscrm.provider.post.duration",
            "s",
            "From the beginning of a POST to its outcome, by outcome.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10],
            });
        _reads = _meter.CreateCounter<long>("smscrm.provider.reads", "{call}", "Fetches and lists, by call and whether they were answered.");
        Unusable = _meter.CreateGauge<long>("smscrm.provider.accounts.unusable", "{account}", "Accounts whose secret could not be opened.");
        SettingsLoads = _meter.CreateCounter<long>("smscrm.provider.settings.loads", "{load}", "Times that accounts and senders were read from the database.");
    }

    internal Gauge<long> Unusable { get; }

    internal Counter<long> SettingsLoads { get; }

    public void Dispose() => _meter.Dispose();

    internal void Posted(PostOutcome outcome, TimeSpan duration)
    {
        var (kind, code) = outcome switch
        {
            PostOutcome.Accepted => ("accepted", 0),
            PostOutcome.Rejected rejected => ("rejected", rejected.Code),
            PostOutcome.Throttled throttled => ("throttled", throttled.Code),
            PostOutcome.NotSent => ("not_sent", 0),
            _ => ("unknown", 0),
        };
        _posts.Add(1, new("outcome", kind), new("code", code));
        _postDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", kind));
    }

    internal void Read(string call, bool answered) => _reads.Add(1, new("call", call), new("answered", answered));
}
