using SmsCrm.Pipeline.Messages;

namespace SmsCrm.IntegrationTests.Ledger;

/// <summary>What a message should be, by the table of transitions alone.</summary>
internal sealed class LedgerModel
{
    private readonly HashSet<MessageState> _told = [];
    private readonly HashSet<ProviderSid> _foreign = [];

    public RowFacts Row { get; private set; } = RowFacts.NoRow;

    public ProviderSid? Sid { get; private set; }

    /// <summary>Every event, in the order of the versions.</summary>
    public List<EventKind> Events { get; } = [];

    /// <summary>A decision of ours, judged against what was seen.</summary>
    public bool Decide(RowFacts seen, MessageState to, Reason reason = Reason.None, int code = 0)
    {
        if (seen != Row || !MessageStates.MayDecide(Row.State, to))
        {
            return false;
        }

        // Should nothing be sent after an attempt that ended by evidence, nobody knows whether that one was.
        if (Row.IsByEvidence && to is (MessageState.Rejected or MessageState.Cancelled or MessageState.Failed))
        {
            (to, reason) = (MessageState.Uncertain, reason == Reason.None ? Reason.NoWord : reason);
        }

        if (!(Row.State == MessageState.Deferred && to == MessageState.Deferred && Row.Reason == reason))
        {
            Events.Add((EventKind)to);
        }

        Row = new RowFacts(to, Row.Version + 1, (short)(Row.Attempt + (to == MessageState.Claimed ? 1 : 0)), reason, code, Row.IsByEvidence);
        return true;
    }

    /// <summary>The provider's list does not show the attempt, and that counts.</summary>
    public bool ReleaseByEvidence(RowFacts seen)
    {
        var released = Row.State == MessageState.Unknown && Decide(seen, MessageState.Deferred, Reason.NotListed);
        Row = released ? Row with { IsByEvidence = true } : Row;
        return released;
    }

    /// <summary>Proof or ignorance about one attempt.</summary>
    public bool Conclude(RowFacts claimed, MessageState to, Reason reason, int code) =>
        claimed.Attempt == Row.Attempt && Row.State is MessageState.Claimed or MessageState.Unknown && claimed.Attempt == Row.Attempt
        && Decide(Row, to, reason, code);

    public bool Hear(ProviderSid sid, MessageState word, int code)
    {
        if (Sid is { } bound && bound != sid)
        {
            return _foreign.Add(sid) && Tell(EventKind.TextedTwice, Row.State, Row.Reason, Row.Code);
        }

        Sid = sid;
        var state = MessageStates.Fold(Row.State, word);
        return _told.Add(word) && (state == Row.State
            ? Tell((EventKind)word, state, Row.Reason, Row.Code)
            : Tell((EventKind)word, state, Reason.None, state == MessageState.Undelivered ? code : 0));
    }

    private bool Tell(EventKind kind, MessageState state, Reason reason, int code)
    {
        Events.Add(kind);
        var attempt = Row.Version == 0 ? (short)1 : Row.Attempt;
        Row = new RowFacts(state, Row.Version + 1, attempt, reason, code, Row.IsByEvidence);
        return true;
    }
}
