using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

/// <summary>
/// STOP means stop: nothing goes to a number whose suppression is open, nor what was accepted before it was lifted: a later
/// START is a yes to what comes after it, not to what was already under way.
/// </summary>
internal sealed class SuppressionGate : IGate
{
    public string Name => "suppression";

    public GateDecision Judge(in GateInput input)
    {
        if (Covers(input.PlatformSuppression, input.AcceptedAt))
        {
            return Say.Reject(
                Name, Reason.Suppressed, "This number is on the platform's own do-not-text list.", ("suppressed_at", input.PlatformSuppression.SuppressedAt));
        }

        if (input.Suppression.IsOpen)
        {
            return Say.Reject(
                Name, Reason.Suppressed, "The recipient opted out of your messages, so nothing is sent to this number until they opt in again.",
                ("suppressed_at", input.Suppression.SuppressedAt));
        }

        // Ids are exact to the millisecond: in doubt the opt-out wins.
        if (input.Suppression.LiftedAt is { } lifted && lifted >= input.AcceptedAt)
        {
            return Say.Reject(
                Name, Reason.Suppressed, "The recipient had opted out when this message was accepted. They have opted in again since: send a new message.",
                ("suppressed_at", input.Suppression.SuppressedAt), ("lifted_at", lifted), ("accepted_at", input.AcceptedAt));
        }

        return GateDecision.Pass;
    }

    private static bool Covers(SuppressionFacts suppression, DateTimeOffset accepted) => suppression.IsOpen || suppression.LiftedAt >= accepted;
}
