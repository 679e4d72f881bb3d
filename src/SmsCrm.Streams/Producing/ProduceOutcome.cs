namespace SmsCrm.Streams.Producing;

/// <summary>What is known of a record that was to be appended.</summary>
public enum ProduceFate
{
    /// <summary>The broker has it, as <c>acks=all</c> promises.</summary>
    Acknowledged,

    /// <summary>It is certainly not in the log, and will not be.</summary>
    NotAppended,

    /// <summary>It was sent and nothing is known since: it may be in the log.</summary>
    Unknown,
}

/// <param name="Partition">-1 unless acknowledged.</param>
/// <param name="Offset">-1 unless acknowledged.</param>
/// <param name="Reason">A sentence; null when acknowledged.</param>
public readonly record struct ProduceOutcome(ProduceFate Fate, int Partition, long Offset, string? Reason)
{
    public bool IsAcknowledged => Fate == ProduceFate.Acknowledged;

    internal static ProduceOutcome Acknowledged(int partition, long offset) => new(ProduceFate.Acknowledged, partition, offset, null);

    internal static ProduceOutcome NotAppended(string reason) => new(ProduceFate.NotAppended, -1, -1, reason);

    internal static ProduceOutcome Unknown(string reason) => new(ProduceFate.Unknown, -1, -1, reason);
}
