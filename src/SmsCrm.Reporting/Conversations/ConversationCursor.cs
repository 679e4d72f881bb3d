using System.Buffers.Binary;
using System.Buffers.Text;

namespace SmsCrm.Reporting.Conversations;

/// <summary>
/// Where the next page of a conversation begins: below this message, and below this inbound text (by its time in microseconds since 1970, then
/// its sid). Opaque to callers.
/// </summary>
public readonly record struct ConversationCursor
{
    private const byte Format = 1;
    private const int Length = 1 + 16 + 8 + 16 + 8;

    internal ConversationCursor(long subject, Guid messageBelow, DateTime textAt, Guid textBelow) =>
        (Subject, MessageBelow, TextAt, TextBelow) = (subject, messageBelow, textAt, textBelow);

    /// <summary>Of which number's conversation it is; 0: of the list of all.</summary>
    internal long Subject { get; }

    internal Guid MessageBelow { get; }

    internal DateTime TextAt { get; }

    internal Guid TextBelow { get; }

    /// <summary>Above everything.</summary>
    internal static ConversationCursor Top(long subject) => new(subject, Guid.AllBitsSet, new DateTime(9999, 1, 1, 0, 0, 0, DateTimeKind.Utc), Guid.AllBitsSet);

    /// <summary>False for what was never handed out, or was handed out for another conversation.</summary>
    /// <param name="subject">The number's digits; 0: the list of all.</param>
    public static bool TryParse(string text, long subject, out ConversationCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != Base64Url.GetEncodedLength(Length) || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length)
            || length != Length || bytes[0] != Format || BinaryPrimitives.ReadInt64BigEndian(bytes[41..]) != subject)
        {
            return false;
        }

        var micros = BinaryPrimitives.ReadInt64BigEndian(bytes[17..]);
        if (micros is < 0 or > 253_370_764_800_000_000)
        {
            return false;
        }

        cursor = new ConversationCursor(
            subject, new Guid(bytes[1..17], bigEndian: true), DateTime.UnixEpoch.AddMicroseconds(micros), new Guid(bytes[25..41], bigEndian: true));
        return true;
    }

    public override string ToString()
    {
        var bytes = new byte[Length];
        bytes[0] = Format;
        MessageBelow.TryWriteBytes(bytes.AsSpan(1), bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(17), (TextAt - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        TextBelow.TryWriteBytes(bytes.AsSpan(25), bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(41), Subject);
        return Base64Url.EncodeToString(bytes);
    }
}
