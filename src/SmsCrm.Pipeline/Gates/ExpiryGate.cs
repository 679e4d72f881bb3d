using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

/// <summary>A message goes by its <c>valid_until</c> or not at all, however late within the facts' window it would begin.</summary>
internal sealed class ExpiryGate : IGate
{
    public string Name => "expiry";

    public GateDecision Judge(in GateInput input) => input.ValidUntil is not { } until || input.Latest <= until
        ? GateDecision.Pass
        : Say.Reject(
            Name, Reason.Expired, "The message could not be sent before the time that its request allows, so it was not sent.",
            ("valid_until", until), ("now", input.Now));
}
