using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

/// <summary>
/// The gates in their order. The first rejection decides, even where an earlier gate would defer: what will never go need
/// not wait to hear it. Otherwise the deferral that lasts longest decides.
/// </summary>
internal sealed class GateList(GatesOptions options, GatesMetrics metrics)
{
    private readonly IGate[] _gates =
    [
        new TenantActiveGate(TimeSpan.FromSeconds(options.PausedRecheckSeconds)),
        new NumberValidGate(),
        new SuppressionGate(),
        new ExpiryGate(),
        new ScheduledGate(),
    ];

    public GateDecision Judge(in GateInput input)
    {
        GateDecision.Defer? longest = null;
        var deferring = "";
        foreach (var gate in _gates)
        {
            switch (gate.Judge(in input))
            {
                case GateDecision.Reject rejected:
                    metrics.Verdict(gate.Name, "reject", rejected.Verdict.Reason);
                    return rejected;
                case GateDecision.Defer deferred when longest is null || deferred.Until > longest.Until:
                    longest = deferred;
                    deferring = gate.Name;
                    break;
            }
        }

        metrics.Verdict(longest is null ? "all" : deferring, longest is null ? "pass" : "defer", longest?.Reason ?? Reason.None);
        return longest ?? GateDecision.Pass;
    }
}
