using System.Buffers;

namespace SmsCrm.TwilioSimulator.Api;

/// <summary>The shape of Twilio's ids: two capital letters and 32 hexadecimal digits.</summary>
internal static class ResourceSid
{
    public const int Length = 34;

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    public static bool IsWellFormed(ReadOnlySpan<char> sid, ReadOnlySpan<char> prefix) =>
        sid.Length == Length && sid.StartsWith(prefix, StringComparison.Ordinal) && sid[2..].IndexOfAnyExcept(Hex) < 0;
}
