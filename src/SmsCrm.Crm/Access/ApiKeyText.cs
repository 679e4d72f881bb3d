using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace SmsCrm.Crm.Access;

/// <summary>
/// The text of a key: <c>smscrm_</c>, a prefix of 8 characters that names it in lists, <c>_</c> and a secret of 43 characters
/// (256 bits). Only its SHA-256 is stored: a secret of that size needs no slow hash.
/// </summary>
internal static class ApiKeyText
{
    private const string Start = "smscrm_";
    private const int PrefixLength = 8;
    private const int SecretLength = 43;
    private const int Length = 7 + PrefixLength + 1 + SecretLength;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> Letters = SearchValues.Create(Alphabet);

    public static string Create() =>
        $"{Start}{RandomNumberGenerator.GetString(Alphabet, PrefixLength)}_{RandomNumberGenerator.GetString(Alphabet, SecretLength)}";

    /// <summary>What names the key in lists and logs: everything but the secret.</summary>
    public static string PrefixOf(string key) => key[..(Start.Length + PrefixLength)];

    public static bool HasTheForm(ReadOnlySpan<char> key) =>
        key.Length == Length
        && key.StartsWith(Start, StringComparison.Ordinal)
        && key[Start.Length + PrefixLength] == '_'
        && !key.Slice(Start.Length, PrefixLength).ContainsAnyExcept(Letters)
        && !key[^SecretLength..].ContainsAnyExcept(Letters);

    /// <summary>The hash of a key that has the form.</summary>
    public static KeyHash Hash(ReadOnlySpan<char> key)
    {
        Span<byte> text = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(key, text);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return KeyHash.Read(hash);
    }
}
