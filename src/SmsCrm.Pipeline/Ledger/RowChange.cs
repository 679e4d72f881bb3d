using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>One line of a message's timeline, written with the change that it belongs to.</summary>
/// <param name="Code">The provider's error code; 0: none.</param>
internal readonly record struct LedgerEvent(EventKind Kind, int Code, DateTimeOffset? ProviderAt, string? Detail);

/// <summary>
/// One guarded change of one row: an insert where <see cref="Seen"/> says that there is none, else an update of exactly the row that was seen.
/// It carries its events, so that row, events, counts and waiting are written or lost together.
/// </summary>
internal sealed class RowChange(MessageId id, RowFacts seen)
{
    public MessageId Id { get; } = id;

    public RowFacts Seen { get; } = seen;

    /// <summary>Needed for an insert only.</summary>
    public AcceptedMessage? Message { get; init; }

    public required MessageState State { get; init; }

    public short Attempt { get; init; } = seen.Attempt;

    public Reason Reason { get; init; }

    public int Code { get; init; }

    /// <summary>In the order in which they happened; the last one gets the row's new version, each one before it the version before.</summary>
    public IReadOnlyList<LedgerEvent> Events { get; set; } = [];

    /// <summary>Bits to add to the row's.</summary>
    public int SeenBits { get; init; }

    /// <summary>Bound where the row has none yet.</summary>
    public ProviderSid? Sid { get; init; }

    public Guid? AccountId { get; init; }

    public Guid? SenderId { get; init; }

    public bool NoReceipt { get; init; }

    public string? Verdict { get; set; }

    /// <summary>With <see cref="MessageState.Claimed"/>: what it costs by estimate, and the budgets that it is held from.</summary>
    public ClaimTerms Terms { get; init; }

    /// <summary>With <see cref="MessageState.Deferred"/>: when it is due, and the sender of its lane.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public Guid LaneSenderId { get; init; }

    /// <summary>Every change raises the version, one that tells nothing new too.</summary>
    public int Version => Seen.Version + Math.Max(1, Events.Count);

    public bool IsInsert => Seen.Version == 0;

    public RowFacts Row => new(State, Version, Attempt, Reason, Code, Seen.IsByEvidence || (SeenBits & EvidenceBit) != 0);

    /// <summary>Of <c>seen</c>: an attempt ended by evidence. Beside the bits of the provider's words (<see cref="ReceiptFold.Bit"/>).</summary>
    public const int EvidenceBit = 1 << 30;

    /// <summary>What a row's <c>seen</c> says of it.</summary>
    public static bool IsByEvidence(int seenBits) => (seenBits & EvidenceBit) != 0;

    public EntryResult Result { get; set; }

    /// <summary>Whether there is free text that can be left out, should it be what makes the change unusable.</summary>
    public bool HasFreeText => Verdict is not null || Events.Any(e => e.Detail is not null);

    public void LeaveOutFreeText()
    {
        Verdict = null;
        Events = [.. Events.Select(e => e with { Detail = null })];
    }
}

/// <summary>One claimed batch, as the reconciler finds it again.</summary>
/// <param name="Settings">The version of the settings that the claim was decided by: with another one in force every entry is lost, and goes back to
/// Facts. Null: whatever they are.</param>
public sealed record ClaimBatch(Guid Batch, Guid Worker, long? Settings = null);
