namespace SmsCrm.Pipeline.Messages;

/// <summary>What Facts read of a message's row: a decision is judged against exactly this.</summary>
/// <param name="Version">0 where there was no row; else the row's, raised by every change.</param>
/// <param name="Attempt">How many attempts have been claimed so far.</param>
/// <param name="IsByEvidence">An attempt ended by evidence, not by proof: should no later one be sent, nobody knows whether that one was.</param>
public readonly record struct RowFacts(MessageState State, int Version, short Attempt, Reason Reason, int Code, bool IsByEvidence = false)
{
    /// <summary>There is no row yet.</summary>
    public static readonly RowFacts NoRow = new(MessageState.None, 0, 0, Reason.None, 0);
}
