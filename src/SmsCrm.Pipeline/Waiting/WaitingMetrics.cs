using System.Diagnostics.Metrics;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Waiting;

internal sealed class WaitingMetrics
{
    private readonly Counter<long> _released;
    private readonly Counter<long> _unreadable;

    public WaitingMetrics(IMeterFactory meters, GivenOut givenOut, LaneBacklogs backlogs)
    {
        var meter = meters.Create("SmsCrm.Waiting");
        _released = meter.CreateCounter<long>("smscrm.waiting.released", "{message}", "Messages given out, by what they waited for.");
        _unreadable = meter.CreateCounter<long>("smscrm.waiting.unreadable", "{message}", "Rows whose request can't be read. Alert.");
        meter.CreateObservableGauge("smscrm.waiting.given_out", () => givenOut.Count, "{message}", "Messages given out and not settled.");
        meter.CreateObservableGauge("smscrm.waiting.backlogs", () => backlogs.Count, "{lane}", "Lanes that are behind.");
    }

    public void Released(Reason reason) => _released.Add(1, new KeyValuePair<string, object?>("reason", reason == Reason.None ? "queued" : reason.Code()));

    public void Unreadable() => _unreadable.Add(1);
}
