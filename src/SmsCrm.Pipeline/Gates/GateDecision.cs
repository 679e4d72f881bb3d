using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

/// <summary>What a gate says of a message: a closed set. A verdict's text is JSON: gate, sentence, facts, and the next eligible time.</summary>
internal abstract record GateDecision
{
    /// <summary>Nothing here stands in the way.</summary>
    public static readonly GateDecision Pass = new Passed();

    private GateDecision()
    {
    }

    /// <summary>It will never go.</summary>
    public sealed record Reject(Verdict Verdict) : GateDecision;

    /// <summary>It may go later; judged anew then.</summary>
    public sealed record Defer(Reason Reason, DateTimeOffset Until, string Detail) : GateDecision;

    private sealed record Passed : GateDecision;
}
