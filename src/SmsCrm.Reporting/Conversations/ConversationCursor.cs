using System.Buffers.Binary;
using System.Buffers.Text;

namespace SmsCrm.Reporting.Conversations;

/// <summary>
/// Where the next page of a conversation begins: below this message and below this inbound text, each by its time in microseconds since 1970, then
/// its id. Opaque to callers.
/// </summary>
public readonly record struct ConversationCursor
{
    private const byte Format = 2;
    private const int PlaceLength = 8 + 16;
    private const int Length = 1 + (2 * PlaceLength) + 8;
    private const long MaxMicros = 253_370_764_800_000_000;
    private static readonly DateTime Highest = DateTime.UnixEpoch.AddMicroseconds(MaxMicros);

    internal ConversationCursor(long subject, DateTime messageAt, Guid messageBelow, DateTime textAt, Guid textBelow) =>
        (Subject, MessageAt, MessageBelow, TextAt, TextBelow) = (subject, messageAt, messageBelow, textAt, textBelow);

    /// <summary>Of which number's conversation it is; 0: of the list of all.</summary>
    internal long Subject { get; }

    internal DateTime MessageAt { get; }

    internal Guid MessageBelow { get; }

    internal DateTime TextAt { get; }

    internal Guid TextBelow { get; }

    /// <summary>Above everything.</summary>
    internal static ConversationCursor Top(long subject) => new(subject, Highest, Guid.AllBitsSet, Highest, Guid.AllBitsSet);

    /// <summary>False for what was never handed out, or was handed out for another conversation.</summary>
    /// <param name="subject">The number's digits; 0: the list of all.</param>
    public static bool TryParse(string text, long subject, out ConversationCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != Base64Url.GetEncodedLength(Length) || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length)
            || length != Length || bytes[0] != Format || BinaryPrimitives.ReadInt64BigEndian(bytes[(1 + (2 * PlaceLength))..]) != subject
            || !TryReadPlace(bytes[1..], out var messageAt, out var messageBelow) || !TryReadPlace(bytes[(1 + PlaceLength)..], out var textAt, out var textBelow))
        {
            return false;
        }

        cursor = new ConversationCursor(subject, messageAt, messageBelow, textAt, textBelow);
        return true;
    }

    public override string ToString()
    {
        var bytes = new byte[Length];
        bytes[0] = Format;
        WritePlace(bytes.AsSpan(1), MessageAt, MessageBelow);
        WritePlace(bytes.AsSpan(1 + PlaceLength), TextAt, TextBelow);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1 + (2 * PlaceLength)), Subject);
        return Base64Url.EncodeToString(bytes);
    }

    private static bool TryReadPlace(ReadOnlySpan<byte> bytes, out DateTime at, out Guid below)
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(bytes);
        (at, below) = (default, new Guid(bytes[8..PlaceLength], bigEndian: true));
        if (micros is < 0 or > MaxMicros)
        {
            return false;
        }

        at = DateTime.UnixEpoch.AddMicroseconds(micros);
        return true;
    }

    private static void WritePlace(Span<byte> bytes, DateTime at, Guid below)
    {
        BinaryPrimitives.WriteInt64BigEndian(bytes, (at - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        below.TryWriteBytes(bytes[8..], bigEndian: true, out _);
    }
}
