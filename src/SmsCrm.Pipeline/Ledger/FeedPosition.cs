using System.Buffers.Binary;
using System.Buffers.Text;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>
/// Where a reader of the feed stands: everything up to and with this transaction and sequence number has been handed out. Opaque to those
/// who keep it; it says as well which Postgres it is a place in.
/// </summary>
/// <param name="Sequence">-1: everything below the transaction.</param>
public readonly record struct FeedPosition(long SystemIdentifier, int Timeline, ulong Transaction, long Sequence)
{
    private const int Length = 29;
    private const byte Format = 1;

    /// <summary>In the order of one database: by transaction, then by sequence.</summary>
    public bool IsBefore(FeedPosition other) =>
        Transaction < other.Transaction || (Transaction == other.Transaction && Sequence < other.Sequence);

    /// <summary>As handed out: base64url.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Format;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], SystemIdentifier);
        BinaryPrimitives.WriteInt32BigEndian(bytes[9..], Timeline);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[13..], Transaction);
        BinaryPrimitives.WriteInt64BigEndian(bytes[21..], Sequence);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>False for what was never a position; whether it is still one, the feed says.</summary>
    public static bool TryParse(string? text, out FeedPosition position)
    {
        position = default;
        Span<byte> bytes = stackalloc byte[Length + 4];
        if (text is null || text.Length > 44 || !Base64Url.IsValid(text, out var length) || length != Length)
        {
            return false;
        }

        Base64Url.DecodeFromChars(text, bytes);
        position = new FeedPosition(
            BinaryPrimitives.ReadInt64BigEndian(bytes[1..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[9..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[13..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[21..]));
        return bytes[0] == Format;
    }
}
