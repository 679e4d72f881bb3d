using System.Buffers;
using SmsCrm.TwilioSimulator.Knobs;

namespace SmsCrm.TwilioSimulator.Senders;

/// <summary>What a text is sent from; each kind has a rate of its own.</summary>
internal enum SenderKind
{
    LongCode, TollFree, ShortCode, Alphanumeric, Other,
}

/// <summary>The shapes of addresses.</summary>
internal static class Address
{
    private const int LongestChannelAddress = 200;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 &+-_");

    /// <summary>An E.164 number, alone or after a channel (<c>whatsapp:+1...</c>).</summary>
    public static bool IsRecipient(string to) => IsE164(to) || IsChannelAddress(to);

    /// <summary>The kind of a sender, or null when no sender looks like this.</summary>
    public static SenderKind? KindOf(string from)
    {
        if (IsE164(from))
            return !from.StartsWith("+1", StringComparison.Ordinal) ? SenderKind.Other : IsTollFree(from) ? SenderKind.TollFree : SenderKind.LongCode;
        if (from.Length is >= 3 and <= 8 && !from.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return SenderKind.ShortCode;
        if (IsChannelAddress(from))
            return SenderKind.Other;
        return from.Length is >= 1 and <= 11 && from[0] != '+' && from.AsSpan().IndexOfAnyExcept(NameCharacters) < 0 && HasLetter(from)
            ? SenderKind.Alphanumeric
            : null;
    }

    public static double RateOf(SenderKind kind, RateKnob rates) => kind switch
    {
        SenderKind.LongCode => rates.LongCode,
        SenderKind.TollFree => rates.TollFree,
        SenderKind.ShortCode => rates.ShortCode,
        SenderKind.Alphanumeric => rates.Alphanumeric,
        SenderKind.Other => rates.Other,
    };

    /// <summary>A plus sign and 7 to 15 digits of which the first is not 0.</summary>
    public static bool IsE164(ReadOnlySpan<char> number) =>
        number.Length is >= 8 and <= 16 && number[0] == '+' && number[1] != '0' && !number[1..].ContainsAnyExceptInRange('0', '9');

    private static bool IsChannelAddress(string address)
    {
        var colon = address.IndexOf(':', StringComparison.Ordinal);
        return colon switch
        {
            < 3 => false,
            _ when address.Length > LongestChannelAddress => false,
            _ when address.StartsWith("whatsapp:", StringComparison.Ordinal) => IsE164(address.AsSpan(colon + 1)),
            _ => address.StartsWith("rcs:", StringComparison.Ordinal) || address.StartsWith("messenger:", StringComparison.Ordinal),
        };
    }

    private static bool IsTollFree(string number) =>
        number.Length == 12 && number.AsSpan(2, 3) is "800" or "833" or "844" or "855" or "866" or "877" or "888";

    private static bool HasLetter(string name)
    {
        foreach (var c in name)
        {
            if (char.IsAsciiLetter(c))
                return true;
        }
        return false;
    }
}
