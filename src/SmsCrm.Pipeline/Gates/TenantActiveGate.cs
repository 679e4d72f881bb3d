using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

/// <summary>A suspended tenant's messages are rejected, a paused one's wait, an unknown one's cannot be anybody's.</summary>
internal sealed class TenantActiveGate(TimeSpan pausedRecheck) : IGate
{
    public string Name => "tenant_active";

    public GateDecision Judge(in GateInput input) => input.Tenant switch
    {
        TenantStanding.Unknown => Say.Reject(Name, Reason.TenantUnknown, "This account does not exist (any more), so nothing is sent for it."),
        TenantStanding.Suspended => Say.Reject(
            Name, Reason.TenantSuspended, "This account is suspended, so its messages are not sent. Ask the operator to lift the suspension.",
            ("tenant_state", "suspended")),
        TenantStanding.Paused => Say.Defer(
            Name, Reason.TenantPaused, input.Now + pausedRecheck, "This account is paused. The message waits until sending is resumed.",
            ("tenant_state", "paused")),
        _ => GateDecision.Pass,
    };
}
