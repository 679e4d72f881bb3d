using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Pipeline.Gates;

/// <summary>The same body does not go to the same recipient twice within the tenant's window.</summary>
internal sealed class DuplicateContentGate : IGate
{
    public string Name => GateNames.DuplicateContent;

    public GateDecision Judge(in GateInput input) =>
        input.Recent is { } recent
        && new RecipientLimits([], WindowOf(in input), input.Rules.Version).JudgeDuplicate(recent, input.ContentHash, input.Now) is { } verdict
            ? new GateDecision.Reject(verdict)
            : GateDecision.Pass;

    public static TimeSpan WindowOf(in GateInput input) => input.Rules.DuplicateWindow;
}
