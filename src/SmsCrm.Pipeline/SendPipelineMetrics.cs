using System.Diagnostics.Metrics;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline;

internal sealed class SendPipelineMetrics : IDisposable
{
    private readonly Meter _meter = new("SmsCrm.SendPipeline");
    private readonly Counter<long> _replays;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _stale;
    private readonly Counter<long> _deferred;
    private readonly Counter<long> _holds;

    public SendPipelineMetrics(RestingItems resting, PipelineHold hold)
    {
        _replays = _meter.CreateCounter<long>("smscrm.send.replays", "{message}", "Messages that the ledger already knew more of.");
        _lost = _meter.CreateCounter<long>("smscrm.send.lost", "{message}", "Decisions that came too late for their row: back to Facts.");
        _stale = _meter.CreateCounter<long>("smscrm.send.stale", "{message}", "Messages whose facts were too old to claim on: back to Facts.");
        _deferred = _meter.CreateCounter<long>("smscrm.send.deferred", "{message}", "Messages put off, by reason.");
        _holds = _meter.CreateCounter<long>("smscrm.send.holds", "{batch}", "Batches that had to wait, by what was away.");
        _meter.CreateObservableGauge("smscrm.send.resting", () => resting.Count, "{message}", "Messages that rest for a slot or a token.");
        _meter.CreateObservableGauge("smscrm.send.held", () => hold.Reasons.Count == 0 ? 0 : 1, "{pipeline}", "1 while the pipeline holds.");
    }

    public void Replayed() => _replays.Add(1);

    public void Lost() => _lost.Add(1);

    public void Stale(int messages) => _stale.Add(messages);

    public void Deferred(Reason reason) => _deferred.Add(1, new KeyValuePair<string, object?>("reason", reason.Code()));

    public void Held(HoldReason reason) => _holds.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));

    public void Dispose() => _meter.Dispose();
}
