using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

/// <summary>The same body does not go to the same recipient twice within the tenant's window.</summary>
internal sealed class DuplicateContentGate : IGate
{
    public string Name => "duplicate_content";

    public GateDecision Judge(in GateInput input) =>
        input.Rules.DuplicateWindow > TimeSpan.Zero && input.Recent?.SentAt(input.ContentHash, input.Rules.DuplicateWindow, input.Now) is { } sent
            ? Say.Reject(
                Name,
                Reason.DuplicateContent,
                "The same text went to this recipient a short while ago.",
                ("sent_at", sent),
                ("window_seconds", (long)input.Rules.DuplicateWindow.TotalSeconds),
                ("rules", input.Rules.Version))
            : GateDecision.Pass;
}
