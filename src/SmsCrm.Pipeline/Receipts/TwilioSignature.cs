using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace SmsCrm.Pipeline.Receipts;

/// <summary>
/// <c>X-Twilio-Signature</c>: base64 of HMAC-SHA1, keyed by the account's primary auth token, over the address that was called and
/// the form's fields (https://www.twilio.com/docs/usage/webhooks/webhooks-security).
/// </summary>
internal static class TwilioSignature
{
    /// <summary>
    /// The addresses that a call to one address may be signed over: as it is, and with the port said or left out, since proxies
    /// and the provider's own clients differ in that. Case, user info and escapes stay as they are.
    /// </summary>
    public static string[] Variants(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = url.AsSpan(start).IndexOfAny('/', '?');
        end = end < 0 ? url.Length : start + end;
        var host = Math.Max(start, url.LastIndexOf('@', end - 1, end - start) + 1);
        var port = url.LastIndexOf(':', end - 1, end - host);
        if (port >= 0 && url.IndexOf(']', port, end - port) < 0)
        {
            return [url, string.Concat(url.AsSpan(0, port), url.AsSpan(end))];
        }

        var usual = url.StartsWith("https:", StringComparison.OrdinalIgnoreCase) ? ":443" : ":80";
        return [url, string.Concat(url.AsSpan(0, end), usual, url.AsSpan(end))];
    }

    /// <param name="presented">The header's value.</param>
    /// <param name="addresses">The beginnings of the address that was called (<see cref="Variants"/>); the call is genuine when one fits.</param>
    /// <param name="rest">What follows each of them: path and query as they were received.</param>
    public static bool IsGenuine(ReadOnlySpan<char> presented, string token, ReadOnlySpan<string> addresses, ReadOnlySpan<char> rest, in FormFields form)
    {
        Span<byte> claimed = stackalloc byte[HMACSHA1.HashSizeInBytes + 2];
        if (!Convert.TryFromBase64Chars(presented, claimed, out var length) || length != HMACSHA1.HashSizeInBytes)
        {
            return false;
        }

        var key = Encoding.UTF8.GetBytes(token);
        var genuine = false;
        foreach (var address in addresses)
        {
            genuine |= IsSignedOver(claimed[..length], key, address, rest, form);
        }

        return genuine;
    }

    private static bool IsSignedOver(ReadOnlySpan<byte> claimed, byte[] key, string address, ReadOnlySpan<char> rest, in FormFields form)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(address.Length + rest.Length) + form.SignedLength);
        try
        {
            var length = Encoding.UTF8.GetBytes(address, buffer);
            length += Encoding.UTF8.GetBytes(rest, buffer.AsSpan(length));
            length += form.CopySigned(buffer.AsSpan(length));
            Span<byte> actual = stackalloc byte[HMACSHA1.HashSizeInBytes];
            HMACSHA1.HashData(key, buffer.AsSpan(0, length), actual);
            return CryptographicOperations.FixedTimeEquals(claimed, actual);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
