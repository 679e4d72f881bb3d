using System.Security.Cryptography;
using System.Text;

namespace SmsCrm.TwilioSimulator.Callbacks;

/// <summary>The X-Twilio-Signature: HMAC-SHA1, by the account's auth token, of the URL and the parameters in ordinal order of their
/// names (twilio.com/docs/usage/webhooks/webhooks-security).</summary>
internal static class TwilioSignature
{
    /// <summary>Signs a form. Of a name that comes more than once each distinct value counts once, in ordinal order.</summary>
    /// <param name="url">As configured, without fragment; query, user info and case as they are.</param>
    /// <param name="parameters">Decoded. Empty for a JSON body, whose hash is in the URL.</param>
    public static string Compute(ReadOnlySpan<byte> authToken, string url, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var text = new StringBuilder(url);
        foreach (var (name, value) in parameters
            .Distinct()
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .ThenBy(pair => pair.Value, StringComparer.Ordinal))
            text.Append(name).Append(value);
        return Compute(authToken, Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Signs what was put together already.</summary>
    public static string Compute(ReadOnlySpan<byte> authToken, ReadOnlySpan<byte> signed)
    {
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(authToken, signed, hash);
        return Convert.ToBase64String(hash);
    }
}
