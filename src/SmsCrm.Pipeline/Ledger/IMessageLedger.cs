using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>
/// Every change of a message's state, one method per transition, each on a batch, each one transaction that writes row, event,
/// counts and waiting together. Results come back in the order of the entries. A batch holds an id once.
/// Our own decisions are judged against the version that was seen; the provider's word is taken in any state.
/// Throws only for broken infrastructure (Npgsql's exceptions): then nothing is known of the batch, and the same call may be made again;
/// what the first try committed is <see cref="TransitionResult.Lost"/> or <see cref="TransitionResult.AlreadyThere"/> then, never won twice.
/// Entries that alone make a batch fail are found by halving and reported as <see cref="TransitionResult.Unusable"/>.
/// The token is heard before a batch is sent, never within: a COMMIT is not cancelled.
/// </summary>
public interface IMessageLedger
{
    /// <summary>The rows' facts, by id; ids without a row are absent.</summary>
    Task<IReadOnlyDictionary<MessageId, RowFacts>> ReadAsync(IReadOnlyList<MessageId> ids, CancellationToken cancellation);

    /// <summary>Writes the <c>queued</c> rows of what has none yet (the recorder; ingest on a broker that is not durable).</summary>
    Task<IReadOnlyList<EntryResult>> EnqueueAsync(IReadOnlyList<AcceptedMessage> messages, CancellationToken cancellation);

    /// <summary>
    /// Claims for one POST each; only what is <see cref="TransitionResult.Won"/> and whose row then is <c>claimed</c> may be posted. What a budget can't
    /// pay, or its recipient may not get, is won as <c>rejected</c> or <c>deferred</c>.
    /// </summary>
    Task<IReadOnlyList<EntryResult>> ClaimAsync(IReadOnlyList<ClaimEntry> entries, ClaimBatch claim, CancellationToken cancellation);

    Task<IReadOnlyList<EntryResult>> DeferAsync(IReadOnlyList<DeferEntry> entries, CancellationToken cancellation);

    Task<IReadOnlyList<EntryResult>> RejectAsync(IReadOnlyList<RejectEntry> entries, CancellationToken cancellation);

    /// <summary>Gives what was dead-lettered a row, <c>rejected(unreadable)</c>; an id that has a row already is left alone.</summary>
    Task<IReadOnlyList<EntryResult>> RejectUnreadableAsync(IReadOnlyList<UnreadableEntry> entries, CancellationToken cancellation);

    /// <summary>
    /// Records what became of claimed attempts. <c>Taken</c> is the provider's word: folded into whatever the row has become meanwhile
    /// (a callback may be faster than the answer). The others are proof about their attempt: taken in <c>claimed</c> and <c>unknown</c> of that attempt.
    /// </summary>
    Task<IReadOnlyList<EntryResult>> RecordOutcomesAsync(IReadOnlyList<OutcomeEntry> entries, CancellationToken cancellation);

    /// <summary>Folds the provider's words into the rows, in any order and number, an id more than once if need be; what is known already is <see cref="TransitionResult.AlreadyThere"/>. An id without a row gets one, or is <see cref="TransitionResult.NotFound"/> where the recipient is unknown.</summary>
    Task<IReadOnlyList<EntryResult>> ApplyReceiptsAsync(IReadOnlyList<ReceiptEntry> entries, CancellationToken cancellation);

    /// <summary>Cancels what has not been claimed, of this tenant; an id without a row gets one, <c>cancelled</c>, so that its record is a replay when it comes.</summary>
    /// <param name="reason"><see cref="Reason.None"/>: the tenant asked for it.</param>
    Task<IReadOnlyList<EntryResult>> CancelAsync(TenantId tenant, IReadOnlyList<MessageId> ids, Reason reason, CancellationToken cancellation);

    /// <summary>Cancels what a cancellation of its tenant, campaign or recipient covers, as it was seen.</summary>
    Task<IReadOnlyList<EntryResult>> CancelSeenAsync(IReadOnlyList<CancelEntry> entries, CancellationToken cancellation);

    /// <summary>Still <c>claimed</c> with that version: <c>unknown</c>, because its worker said nothing of it.</summary>
    Task<IReadOnlyList<EntryResult>> MarkUnknownAsync(IReadOnlyList<(MessageId Id, RowFacts Seen)> entries, string detail, CancellationToken cancellation);

    /// <summary>Still <c>unknown</c> with that version: <c>uncertain</c>, which only the provider's word still replaces.</summary>
    Task<IReadOnlyList<EntryResult>> MarkUncertainAsync(IReadOnlyList<(MessageId Id, RowFacts Seen)> entries, string detail, CancellationToken cancellation);

    /// <summary>
    /// Still <c>unknown</c> with that version: <c>deferred</c>, on evidence that the attempt was not taken. The next attempt may go; should none be
    /// sent, the message ends as <c>uncertain</c>, whatever ends it, and what it held is held until then.
    /// </summary>
    Task<IReadOnlyList<EntryResult>> ReleaseByEvidenceAsync(IReadOnlyList<EvidenceEntry> entries, CancellationToken cancellation);

    /// <summary>Taken or sent with that version and without a final word past the polling bound: marked; any later word removes the mark.</summary>
    Task<IReadOnlyList<EntryResult>> MarkNoReceiptAsync(IReadOnlyList<(MessageId Id, RowFacts Seen)> entries, CancellationToken cancellation);
}
