namespace SmsCrm.Pipeline.Gates;

/// <summary>One rule of what may go out. A pure function: the same input, the same answer.</summary>
internal interface IGate
{
    /// <summary>As metrics and verdicts spell it: snake case.</summary>
    string Name { get; }

    GateDecision Judge(in GateInput input);
}
