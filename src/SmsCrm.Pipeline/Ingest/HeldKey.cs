using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>What Redis holds of an idempotency key: 16 bytes of the id, 32 of the request's hash, and whether it was acknowledged.</summary>
internal readonly record struct HeldKey(MessageId Id, byte[] Hash, bool IsAcknowledged)
{
    private const int IdBytes = 16;
    private const int HashBytes = 32;

    public static HeldKey Read(byte[] bytes) =>
        bytes.Length == IdBytes + HashBytes + 1 && MessageId.TryRead(bytes.AsSpan(0, IdBytes), out var id)
            ? new HeldKey(id, bytes[IdBytes..(IdBytes + HashBytes)], bytes[^1] == 1)
            : throw new InvalidOperationException($"An idempotency key in Redis holds {bytes.Length} bytes that are not ours");

    public bool Matches(byte[] hash) => Hash.AsSpan().SequenceEqual(hash);

    public byte[] ToBytes() => [.. Id.ToBytes(), .. Hash, IsAcknowledged ? (byte)1 : (byte)0];
}
