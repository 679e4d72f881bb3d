using System.Globalization;

namespace SmsCrm.Pipeline.Messages;

/// <summary>How a text is coded on the air.</summary>
public enum SmsEncoding
{
    /// <summary>3GPP TS 23.038: 160 septets, or 153 in each of several parts; ten characters take two.</summary>
    Gsm7,

    /// <summary>16-bit units: 70, or 67 in each of several parts.</summary>
    Ucs2,
}

/// <param name="Segments">1 or more.</param>
/// <param name="Units">Septets or 16-bit units, without headers.</param>
public readonly record struct SegmentCount(SmsEncoding Encoding, int Segments, int Units);

/// <summary>
/// Counts the parts that a text is sent and paid in, as Twilio does: npm <c>sms-segments-calculator</c> 1.3.0 without smart encoding.
/// One character outside of GSM-7 turns the whole text to UCS-2. Neither an escape pair nor what a reader sees as one character
/// is split between two parts.
/// </summary>
public static class Segments
{
    private const int SingleSeptets = 160;
    private const int PartSeptets = 153;
    private const int SingleUnits = 70;
    private const int PartUnits = 67;

    private const string Basic =
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

    private const string Extension = "\f^{}\\[~]|€";

    /// <summary>Septets of each character up to U+20AC, the highest of the alphabet; 0 for what it lacks.</summary>
    private static readonly byte[] Septets = BuildSeptets();

    /// <summary>An empty text is one part, as the provider counts it.</summary>
    public static SegmentCount Count(ReadOnlySpan<char> text)
    {
        var septets = 0;
        foreach (var character in text)
        {
            var size = character < Septets.Length ? Septets[character] : 0;
            if (size == 0)
            {
                return CountUcs2(text);
            }

            septets += size;
        }

        return new SegmentCount(SmsEncoding.Gsm7, septets <= SingleSeptets ? 1 : GsmParts(text, septets), septets);
    }

    private static int GsmParts(ReadOnlySpan<char> text, int septets)
    {
        if (septets == text.Length)
        {
            return (septets + PartSeptets - 1) / PartSeptets;
        }

        var parts = 1;
        var room = PartSeptets;
        foreach (var character in text)
        {
            var size = Septets[character];
            if (size > room)
            {
                parts++;
                room = PartSeptets;
            }

            room -= size;
        }

        return parts;
    }

    private static SegmentCount CountUcs2(ReadOnlySpan<char> text)
    {
        if (text.Length <= SingleUnits)
        {
            return new SegmentCount(SmsEncoding.Ucs2, 1, text.Length);
        }

        var parts = 1;
        var room = PartUnits;
        for (var rest = text; !rest.IsEmpty;)
        {
            // Carriage return and line feed are two, though Unicode holds them together.
            var size = rest is ['\r', '\n', ..] ? 1 : ElementLength(rest);
            rest = rest[size..];
            if (size > room && room < PartUnits)
            {
                parts++;
                room = PartUnits;
            }

            // What is longer than a whole part is split all the same.
            for (; size > room; size -= PartUnits)
            {
                parts++;
            }

            room -= size;
        }

        return new SegmentCount(SmsEncoding.Ucs2, parts, text.Length);
    }

    /// <summary>
    /// What a reader sees as one character. The reference goes by Unicode 10, in which a joiner holds a few emoji that follow, whatever is before
    /// it, and nothing else (rule GB11 of UAX #29, revision 31); .NET's later rule holds any two emoji together.
    /// </summary>
    private static int ElementLength(ReadOnlySpan<char> text)
    {
        var length = StringInfo.GetNextTextElementLength(text);
        for (var i = 0; i < length; i++)
        {
            if (text[i] != '\u200d' || i + 1 == text.Length)
            {
                continue;
            }

            var isHeld = GlueAfterJoiner.Contains(text[(i + 1)..]);
            if (!isHeld && i + 1 < length && text[i + 1] != '\u200d' && IsSymbol(text[(i + 1)..]))
            {
                return i + 1;
            }

            if (isHeld && i + 1 == length)
            {
                length += StringInfo.GetNextTextElementLength(text[length..]);
            }
        }

        return length;
    }

    /// <summary>Not a mark, which belongs to what is before it by other rules.</summary>
    private static bool IsSymbol(ReadOnlySpan<char> text) =>
        System.Text.Rune.DecodeFromUtf16(text, out var rune, out _) == System.Buffers.OperationStatus.Done
        && System.Text.Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol;

    /// <summary>Glue_After_Zwj and E_Base_GAZ of Unicode 10.</summary>
    private static class GlueAfterJoiner
    {
        private static readonly HashSet<int> Points =
        [
            0x2640, 0x2642, 0x2695, 0x2696, 0x2708, 0x2764, 0x1F308, 0x1F33E, 0x1F373, 0x1F393, 0x1F3A4, 0x1F3A8, 0x1F3EB, 0x1F3ED, 0x1F466, 0x1F467,
            0x1F468, 0x1F469, 0x1F48B, 0x1F4BB, 0x1F4BC, 0x1F527, 0x1F52C, 0x1F5E8, 0x1F680, 0x1F692,
        ];

        public static bool Contains(ReadOnlySpan<char> text) =>
            System.Text.Rune.DecodeFromUtf16(text, out var rune, out _) == System.Buffers.OperationStatus.Done && Points.Contains(rune.Value);
    }

    private static byte[] BuildSeptets()
    {
        var septets = new byte['€' + 1];
        foreach (var character in Basic)
        {
            septets[character] = 1;
        }

        foreach (var character in Extension)
        {
            septets[character] = 2;
        }

        return septets;
    }
}
