using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Reporting.Messages;

/// <summary>
/// Where the next page begins: below this id, under the same filter. Opaque to callers: base64url of a version, the id and four bytes
/// that tell another filter's cursor from this one's.
/// </summary>
public static class MessageCursor
{
    private const byte Version = 1;
    private const int Length = 1 + 16 + 4;

    internal static string Encode(MessageId below, MessageFilter filter)
    {
        var bytes = new byte[Length];
        bytes[0] = Version;
        below.ToBytes().CopyTo(bytes, 1);
        Fingerprint(filter).CopyTo(bytes, 17);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>False for what was never handed out, or was handed out for another filter.</summary>
    public static bool Fits(string text, MessageFilter filter) => TryDecode(text, filter, out _);

    internal static bool TryDecode(string text, MessageFilter filter, out MessageId below)
    {
        below = default;
        Span<byte> bytes = stackalloc byte[Length];
        return text.Length == Base64Url.GetEncodedLength(Length)
            && Base64Url.IsValid(text)
            && Base64Url.TryDecodeFromChars(text, bytes, out var length)
            && length == Length
            && bytes[0] == Version
            && bytes[17..].SequenceEqual(Fingerprint(filter))
            && MessageId.TryRead(bytes[1..17], out below);
    }

    private static byte[] Fingerprint(MessageFilter filter) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{filter.CampaignId}\n{filter.State}\n{filter.Recipient?.Digits}"))[..4];
}
