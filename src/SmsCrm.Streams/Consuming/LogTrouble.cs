namespace SmsCrm.Streams.Consuming;

public enum LogTroubleKind
{
    /// <summary>The log begins behind the records that the group had to read next: unread ones are gone. Redrive.</summary>
    RecordsLost,

    /// <summary>It is another log than before (another topic id, or shorter than our position): it is read from its beginning.</summary>
    AnotherLog,
}

/// <param name="Offset">Where reading goes on.</param>
/// <param name="Lost">Offsets that are gone unread; 0 where that is not known.</param>
public sealed record LogTrouble(LogTroubleKind Kind, string Topic, int Partition, long Offset, long Lost);
