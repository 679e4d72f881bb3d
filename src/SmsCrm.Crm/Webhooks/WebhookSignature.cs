using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SmsCrm.Crm.Webhooks;

/// <summary>Secrets and signatures of Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks), version v1: HMAC-SHA256.</summary>
internal static class WebhookSignature
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    private const string SecretPrefix = "whsec_";
    private const int SecretBytes = 32;

    /// <summary>A new one of 32 random bytes (the standard: 24 to 64).</summary>
    public static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The header's value: one signature for each secret, the newest first.</summary>
    /// <param name="timestamp">Unix seconds of the attempt.</param>
    public static string Sign(IReadOnlyList<string> secrets, string id, long timestamp, string body)
    {
        var signed = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.{body}"));
        return string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(Key(secret), signed))));
    }

    private static byte[] Key(string secret) => secret.StartsWith(SecretPrefix, StringComparison.Ordinal) && Base64.IsValid(secret.AsSpan(SecretPrefix.Length))
        ? Convert.FromBase64String(secret[SecretPrefix.Length..])
        : throw new CryptographicException($"A webhook secret does not have the form {SecretPrefix}<base64>.");
}
