namespace SmsCrm.TwilioSimulator.Ledger;

/// <summary>What is kept in memory of a message: about a hundred bytes. Its texts are in the journal.</summary>
internal struct MessageEntry
{
    public long Offset;
    public long CreatedMs;
    public long SentMs;
    public long UpdatedMs;
    public ulong To;
    public ulong Pair;
    public ulong OwnId;
    public int PreviousTo;
    public int PreviousPair;
    public int PreviousOwnId;
    public int Account;
    public int Sender;
    public int ErrorCode;
    public ushort OwedCallbacks;
    public MessageStatus Status;
    public EntryFlags Flags;

    public readonly bool Has(EntryFlags flag) => (Flags & flag) != 0;
}

[Flags]
internal enum EntryFlags : byte
{
    None = 0,
    Inbound = 1,
    Redacted = 2,
    Deleted = 4,
    HasCallback = 8,
    IsMedia = 16,
}
