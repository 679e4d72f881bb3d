namespace SmsCrm.Pipeline.Messages;

/// <summary>The state of a message. The numbers are stored and never change their meaning.</summary>
public enum MessageState : short
{
    /// <summary>No row yet.</summary>
    None = 0,

    /// <summary>Accepted, not yet taken up.</summary>
    Queued = 1,

    /// <summary>Waits, with a reason and a due time.</summary>
    Deferred = 2,

    /// <summary>A worker holds it for one POST, which begins before its <c>post_by</c>.</summary>
    Claimed = 3,

    /// <summary>Claimed, and nobody knows yet whether the provider took it.</summary>
    Unknown = 4,

    /// <summary>The provider took it and gave a sid.</summary>
    Taken = 5,

    /// <summary>The provider handed it to the carrier.</summary>
    Sent = 6,

    /// <summary>The provider's final no (its <c>undelivered</c>, <c>failed</c> and <c>canceled</c>); a late <c>delivered</c> overrules it.</summary>
    Undelivered = 7,

    /// <summary>The carrier confirmed the handset.</summary>
    Delivered = 8,

    /// <summary>Read by the recipient (rich channels only).</summary>
    Read = 9,

    /// <summary>Ended without a sid: the provider refused it.</summary>
    Failed = 10,

    /// <summary>Ended by a gate of ours, with a reason.</summary>
    Rejected = 11,

    /// <summary>Ended by the tenant before it was claimed.</summary>
    Cancelled = 12,

    /// <summary>Nobody's word says whether it was sent; counts as spent; a later word still replaces it.</summary>
    Uncertain = 13,
}

/// <summary>
/// The pure table of transitions. The ledger's SQL is held against it by a property test.
/// Our own decisions go by <see cref="MayDecide"/>; the provider's word goes by rank (<see cref="Fold"/>) and is taken in any state.
/// </summary>
public static class MessageStates
{
    /// <summary>Final for us: only the provider's word can still change it, and only upwards in rank.</summary>
    public static bool IsFinal(this MessageState state) => state is MessageState.Rejected or MessageState.Cancelled or MessageState.Failed
        or MessageState.Delivered or MessageState.Undelivered or MessageState.Read or MessageState.Uncertain;

    /// <summary>The provider has it: there is a sid.</summary>
    public static bool IsTaken(this MessageState state) => state is >= MessageState.Taken and <= MessageState.Read;

    /// <summary>Whether a decision of ours may move a message from one state to another.</summary>
    public static bool MayDecide(MessageState from, MessageState to) => (from, to) switch
    {
        (MessageState.None, MessageState.Queued) => true,
        (MessageState.None or MessageState.Queued or MessageState.Deferred,
            MessageState.Claimed or MessageState.Deferred or MessageState.Rejected or MessageState.Cancelled) => true,
        (MessageState.Claimed, MessageState.Deferred or MessageState.Failed or MessageState.Unknown) => true,
        (MessageState.Unknown, MessageState.Deferred or MessageState.Failed or MessageState.Uncertain) => true,
        _ => false,
    };

    /// <summary>
    /// The rank of a state in the provider's order: failed, uncertain &lt; taken &lt; sent &lt; undelivered &lt; delivered &lt; read.
    /// States without the provider's word are below all of them.
    /// </summary>
    public static int Rank(this MessageState state) => state switch
    {
        MessageState.Failed or MessageState.Uncertain => 1,
        MessageState.Taken => 2,
        MessageState.Sent => 3,
        MessageState.Undelivered => 4,
        MessageState.Delivered => 5,
        MessageState.Read => 6,
        _ => 0,
    };

    /// <summary>The state after the provider said <paramref name="word"/> of the bound sid: it never falls.</summary>
    public static MessageState Fold(MessageState state, MessageState word) => word.Rank() > state.Rank() ? word : state;
}
