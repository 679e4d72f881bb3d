using System.Buffers;
using System.Globalization;

namespace SmsCrm.TwilioSimulator.Senders;

/// <summary>Counts the parts of a text as Twilio's reference calculator (sms-segments-calculator 1.3.0) does.</summary>
internal static class Segments
{
    private const string Escaped = "\f^{}\\[~]|€";

    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");

    private static readonly SearchValues<char> Gsm = SearchValues.Create(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà" + Escaped);

    /// <summary>At least 1, also for the empty text.</summary>
    public static int Count(string text)
    {
        if (text.AsSpan().IndexOfAnyExcept(Plain) < 0)
            return text.Length <= 160 ? 1 : (text.Length + 152) / 153;
        return text.AsSpan().IndexOfAnyExcept(Gsm) < 0 ? CountGsm(text) : CountUcs2(text);
    }

    // An escape and its character never stand in two parts.
    private static int CountGsm(string text)
    {
        var septets = text.Length;
        foreach (var c in text)
        {
            if (Escaped.Contains(c))
                septets++;
        }
        if (septets <= 160)
            return 1;
        var parts = new PartCounter(153);
        foreach (var c in text)
            parts.Add(Escaped.Contains(c) ? 2 : 1);
        return parts.Parts;
    }

    // Nor does what a reader sees as one character.
    private static int CountUcs2(string text)
    {
        if (text.Length <= 70)
            return 1;
        var parts = new PartCounter(67);
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var length = StringInfo.GetNextTextElementLength(rest);
            // CR LF is one text element to Unicode and two characters to the calculator.
            if (length == 2 && rest[0] == '\r')
                length = 1;
            parts.Add(length);
            rest = rest[length..];
        }
        return parts.Parts;
    }

    private struct PartCounter(int capacity)
    {
        private int _used;

        public int Parts { get; private set; } = 1;

        public void Add(int units)
        {
            if (_used + units > capacity && _used > 0)
            {
                Parts++;
                _used = 0;
            }
            _used += units;
        }
    }
}
