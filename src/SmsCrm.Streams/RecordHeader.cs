namespace SmsCrm.Streams;

/// <summary>A Kafka header: a short name and its bytes.</summary>
public readonly record struct RecordHeader(string Name, byte[] Value);
