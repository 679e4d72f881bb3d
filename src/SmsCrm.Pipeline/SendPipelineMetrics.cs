using System.Diagnostics.Metrics;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline;

internal sealed class SendPipelineMetrics
{
    private readonly Counter<long> _replays;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _stale;
    private readonly Counter<long> _deferred;
    private readonly Counter<long> _holds;

    public SendPipelineMetrics(IMeterFactory meters, RestingItems resting, PipelineHold hold)
    {
        var meter = meters.Create("SmsCrm.SendPipeline");
        _replays = meter.CreateCounter<long>("smscrm.send.replays", "{message}", "Messages that the ledger already knew more of.");
        _lost = meter.CreateCounter<long>("smscrm.send.lost", "{message}", "Decisions that came too late for their row: back to Facts.");
        _stale = meter.CreateCounter<long>("smscrm.send.stale", "{message}", "Messages whose facts were too old to claim on: back to Facts.");
        _deferred = meter.CreateCounter<long>("smscrm.send.deferred", "{message}", "Messages put off, by reason.");
        _holds = meter.CreateCounter<long>("smscrm.send.holds", "{batch}", "Batches that had to wait, by what was away.");
        meter.CreateObservableGauge("smscrm.send.resting", () => resting.Count, "{message}", "Messages that rest for a slot or a token.");
        meter.CreateObservableGauge("smscrm.send.held", () => hold.Reasons.Count == 0 ? 0 : 1, "{pipeline}", "1 while the pipeline holds.");
    }

    public void Replayed() => _replays.Add(1);

    public void Lost() => _lost.Add(1);

    public void Stale(int messages) => _stale.Add(messages);

    public void Deferred(Reason reason) => _deferred.Add(1, new KeyValuePair<string, object?>("reason", reason.Code()));

    public void Held(HoldReason reason) => _holds.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));
}
