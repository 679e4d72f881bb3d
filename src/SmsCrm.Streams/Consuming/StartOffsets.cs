namespace SmsCrm.Streams.Consuming;

/// <summary>Why a partition begins where it begins.</summary>
internal enum StartReason
{
    /// <summary>The group has never committed here: from the earliest record on.</summary>
    Beginning,

    /// <summary>Where the group left off.</summary>
    Committed,

    /// <summary>The log no longer has the records from the committed offset on: from the earliest left.</summary>
    RecordsLost,

    /// <summary>It is another log than the one that the group knew: from the earliest.</summary>
    AnotherLog,
}

/// <param name="Offset">The first offset to read.</param>
/// <param name="LostRecords">Offsets that are gone unread; 0 where none are known to be.</param>
internal readonly record struct StartDecision(StartReason Reason, long Offset, long LostRecords = 0)
{
    /// <summary>Never from memory: only what the broker says of its own log and its own group counts.</summary>
    /// <param name="committed">The group's offset; null where there is none.</param>
    /// <param name="low">The first offset that the log has.</param>
    /// <param name="high">One past its last.</param>
    /// <param name="isAnotherLog">
    /// Whether this process has seen the topic under another id. Then a committed offset may be our own, sent to the new log
    /// from the old one's numbers before the change was seen, so it is not trusted: reading twice is harmless, skipping is not.
    /// </param>
    public static StartDecision For(long? committed, long low, long high, bool isAnotherLog) => committed switch
    {
        _ when isAnotherLog => new(StartReason.AnotherLog, low),
        null => new(StartReason.Beginning, low),
        { } offset when offset > high => new(StartReason.AnotherLog, low),
        { } offset when offset < low => new(StartReason.RecordsLost, low, low - offset),
        { } offset => new(StartReason.Committed, offset),
    };
}
