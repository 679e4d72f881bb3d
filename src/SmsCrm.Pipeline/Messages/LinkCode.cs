using System.Buffers;
using System.Security.Cryptography;

namespace SmsCrm.Pipeline.Messages;

/// <summary>
/// What a short link ends in: 10 characters of base 62 from a CSPRNG, 59.5 bits (as many as the provider's own shortener draws). Of a hundred
/// million links that are alive a guess meets one with a chance of 1 in 8,000 million.
/// </summary>
public static class LinkCode
{
    public const int Length = 10;

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static readonly SearchValues<char> Letters = SearchValues.Create(Alphabet);

    public static string Draw() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>Whether it could have been drawn.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> code) => code.Length == Length && !code.ContainsAnyExcept(Letters);
}
