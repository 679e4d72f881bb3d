using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

/// <summary>A message with a <c>send_at</c> waits for it, and does not go a moment earlier.</summary>
internal sealed class ScheduledGate : IGate
{
    public string Name => "scheduled";

    public GateDecision Judge(in GateInput input) => input.SendAt is not { } sendAt || sendAt <= input.Now
        ? GateDecision.Pass
        : Say.Defer(Name, Reason.Scheduled, sendAt, "The message is scheduled for later.", ("send_at", sendAt));
}
