using System.Text;
using Npgsql;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>What a failed batch means.</summary>
internal enum BatchFault
{
    /// <summary>Broken infrastructure, or a bug of ours: thrown to the caller, nothing about the entries is known.</summary>
    Broken,

    /// <summary>Rolled back by Postgres to let another transaction go first: tried again.</summary>
    InTheWay,

    /// <summary>Something in an entry that the ledger can't take: found by halving.</summary>
    Entry,
}

internal static class BatchFaults
{
    /// <summary>
    /// Only what data can cause counts as an entry's fault (SQLSTATE classes 22 data, 23 integrity, no partition among them, 54 limits):
    /// were a full disk, a read-only standby or a missing table halved, the whole backlog would be dead-lettered one by one.
    /// </summary>
    public static BatchFault Of(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure } => BatchFault.InTheWay,
        PostgresException postgres when postgres.SqlState[..2] is "22" or "23" or "54" => BatchFault.Entry,
        EncoderFallbackException or DecoderFallbackException or InvalidCastException or OverflowException => BatchFault.Entry,
        _ => BatchFault.Broken,
    };

    /// <summary>For the dead letter and the log: no values in it.</summary>
    public static string Sentence(Exception exception) => exception is PostgresException postgres
        ? $"Postgres refuses it ({postgres.SqlState}): {postgres.MessageText}"
        : $"It can't be written: {exception.GetType().Name}";
}
