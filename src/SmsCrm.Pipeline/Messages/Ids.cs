using System.Buffers.Binary;
using System.Globalization;

namespace SmsCrm.Pipeline.Messages;

/// <summary>A message's id: a UUIDv7, whose first 48 bits are the millisecond in which it was accepted.</summary>
public readonly record struct MessageId(Guid Value) : IComparable<MessageId>
{
    /// <summary>When the message was accepted, to the millisecond, by the clock that minted the id.</summary>
    public DateTimeOffset AcceptedAt
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            Value.TryWriteBytes(bytes, bigEndian: true, out _);
            return DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16);
        }
    }

    public int CompareTo(MessageId other) => Value.CompareTo(other.Value);

    /// <summary>Reads the usual form with hyphens; only version 7 is an id of ours.</summary>
    public static bool TryParse(string? text, out MessageId id)
    {
        var parsed = Guid.TryParseExact(text, "D", out var value) && value.Version == 7;
        id = parsed ? new MessageId(value) : default;
        return parsed;
    }

    /// <summary>Reads 16 bytes, big-endian, as Kafka carries them.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out MessageId id)
    {
        var whole = bytes.Length == 16;
        id = whole ? new MessageId(new Guid(bytes, bigEndian: true)) : default;
        return whole && id.Value.Version == 7;
    }

    /// <summary>16 bytes, big-endian.</summary>
    public byte[] ToBytes() => Value.ToByteArray(bigEndian: true);

    public override string ToString() => Value.ToString("D", CultureInfo.InvariantCulture);
}

/// <summary>A tenant's id: a UUIDv7.</summary>
public readonly record struct TenantId(Guid Value)
{
    /// <summary>16 bytes, big-endian.</summary>
    public byte[] ToBytes() => Value.ToByteArray(bigEndian: true);

    public static bool TryRead(ReadOnlySpan<byte> bytes, out TenantId id)
    {
        var whole = bytes.Length == 16;
        id = whole ? new TenantId(new Guid(bytes, bigEndian: true)) : default;
        return whole;
    }

    public override string ToString() => Value.ToString("D", CultureInfo.InvariantCulture);
}
