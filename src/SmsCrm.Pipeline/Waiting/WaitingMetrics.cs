using System.Diagnostics.Metrics;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Waiting;

internal sealed class WaitingMetrics : IDisposable
{
    private readonly Meter _meter = new("SmsCrm.Waiting");
    private readonly Counter<long> _released;
    private readonly Counter<long> _unreadable;

    public WaitingMetrics(GivenOut givenOut, LaneBacklogs backlogs)
    {
        _released = _meter.CreateCounter<long>("smscrm.waiting.released", "{message}", "Messages given out, by what they waited for.");
        _unreadable = _meter.CreateCounter<long>("smscrm.waiting.unreadable", "{message}", "Rows whose request can't be read. Alert.");
        _meter.CreateObservableGauge("smscrm.waiting.given_out", () => givenOut.Count, "{message}", "Messages given out and not settled.");
        _meter.CreateObservableGauge("smscrm.waiting.backlogs", () => backlogs.Count, "{lane}", "Lanes that are behind.");
    }

    public void Released(Reason reason) => _released.Add(1, new KeyValuePair<string, object?>("reason", reason == Reason.None ? "queued" : reason.Code()));

    public void Unreadable() => _unreadable.Add(1);

    public void Dispose() => _meter.Dispose();
}
