using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace SmsCrm.Pipeline.Provider;

/// <summary>
/// Seals provider secrets for the database: AES-256-GCM under <see cref="ProviderOptions.SecretKey"/>, bound to the account's id, so
/// that a sealed secret moved to another row does not open. Form: version (1 byte), nonce (12), tag (16), ciphertext.
/// </summary>
public sealed class SecretSeal
{
    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeaderLength = 1 + NonceLength + TagLength;

    /// <summary>Everybody knows it: it guards nothing but a simulator's token.</summary>
    private static readonly byte[] DevelopmentKey = SHA256.HashData("SMS CRM: the development key, for simulators only"u8);

    private readonly byte[] _key;

    public SecretSeal(IOptions<ProviderOptions> options)
    {
        IsDevelopmentKey = string.IsNullOrEmpty(options.Value.SecretKey);
        _key = IsDevelopmentKey ? DevelopmentKey : Convert.FromBase64String(options.Value.SecretKey!);
    }

    /// <summary>No key was set: only accounts at loopback addresses may be used.</summary>
    public bool IsDevelopmentKey { get; }

    /// <summary>Null where accounts at that address may be used; else a sentence that names the setting to set.</summary>
    public string? Objection(Uri baseAddress) => IsDevelopmentKey && !baseAddress.IsLoopback
        ? $"{ProviderOptions.Section}:SecretKey is not set, which serves simulators on loopback only, not {baseAddress.Host}: "
            + "set 32 bytes in base64 ('openssl rand -base64 32')."
        : null;

    public byte[] Seal(string secret, Guid account)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var result = new byte[HeaderLength + plain.Length];
        result[0] = Version;
        RandomNumberGenerator.Fill(result.AsSpan(1, NonceLength));
        using var aes = new AesGcm(_key, TagLength);
        aes.Encrypt(
            result.AsSpan(1, NonceLength),
            plain,
            result.AsSpan(HeaderLength),
            result.AsSpan(1 + NonceLength, TagLength),
            account.ToByteArray(bigEndian: true));
        return result;
    }

    /// <exception cref="CryptographicException">Sealed under another key, for another account, or damaged.</exception>
    public string Open(ReadOnlySpan<byte> sealedSecret, Guid account)
    {
        if (sealedSecret.Length < HeaderLength || sealedSecret[0] != Version)
        {
            throw new CryptographicException("The sealed secret has no form that this version knows.");
        }

        var plain = new byte[sealedSecret.Length - HeaderLength];
        using var aes = new AesGcm(_key, TagLength);
        aes.Decrypt(
            sealedSecret.Slice(1, NonceLength),
            sealedSecret[HeaderLength..],
            sealedSecret.Slice(1 + NonceLength, TagLength),
            plain,
            account.ToByteArray(bigEndian: true));
        return Encoding.UTF8.GetString(plain);
    }

    internal static bool IsKey(string text)
    {
        Span<byte> key = stackalloc byte[33];
        return Convert.TryFromBase64String(text, key, out var length) && length == 32;
    }
}
