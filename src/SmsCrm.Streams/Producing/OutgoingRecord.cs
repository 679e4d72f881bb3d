namespace SmsCrm.Streams.Producing;

/// <summary>A record to append. The arrays are not copied: leave them alone until the outcome is there.</summary>
/// <param name="Key">Decides the partition; null for any.</param>
public readonly record struct OutgoingRecord(string Topic, byte[]? Key, byte[] Value, IReadOnlyList<RecordHeader>? Headers = null);
