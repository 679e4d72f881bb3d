using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>
/// Reads STOP, HELP and START in any case and punctuation: the words of <see cref="KeywordTable"/>. Any reasonable wording of a wish to stop
/// counts too: what looks like one is suppressed and left for review.
/// </summary>
internal static class KeywordReader
{
    // The process knows no culture (InvariantGlobalization), which would decompose them.
    private const string Accented = "ÀÁÂÃÄÅĄÈÉÊËĘÌÍÎÏİÒÓÔÕÖÙÚÛÜỪỦÇĆÑŃŁŚŹŻ";
    private const string Plain = "AAAAAAAEEEEEIIIIIOOOOOUUUUUUCCNNLSZZ";

    // How keyboards of East Asia write Latin letters, in the order of ASCII.
    private const int FirstWide = 0xFF01;
    private const int LastWide = 0xFF5E;
    private const int WideToAscii = FirstWide - '!';

    private static readonly FrozenSet<string> Stop = Words(Keyword.Stop);
    private static readonly FrozenSet<string> Start = Words(Keyword.Start);
    private static readonly FrozenSet<string> Help = Words(Keyword.Help);

    /// <summary>What a toll-free number's carriers take (https://help.twilio.com/articles/223134027).</summary>
    private static readonly FrozenSet<string> TollFreeStart = new[] { "START", "UNSTOP" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>After a blank: from a word's beginning on, whatever its ending.</summary>
    private static readonly string[] Wishes = [.. KeywordTable.Wishes.SelectMany(entry => entry.Words).Select(words => $" {words}")];

    /// <param name="optOutType">What the provider's own matcher says; null where it has none.</param>
    /// <param name="toTollFree">Toll-free numbers take START and UNSTOP only.</param>
    public static Keyword Read(string body, string? optOutType, bool toTollFree)
    {
        switch (optOutType)
        {
            case "STOP":
                return Keyword.Stop;
            case "START":
                return Keyword.Start;
            case "HELP":
                return Keyword.Help;
        }

        var words = Joined(Normalise(body));
        var spaced = $" {words}";
        return Stop.Contains(words) ? Keyword.Stop
            : (toTollFree ? TollFreeStart : Start).Contains(words) ? Keyword.Start
            : Help.Contains(words) ? Keyword.Help
            : Array.Exists(Wishes, wish => spaced.Contains(wish, StringComparison.Ordinal)) || IsShortStop(words) ? Keyword.Review
            : Keyword.None;
    }

    /// <summary>Letters that stand alone are one word: "S.T.O.P.".</summary>
    private static string Joined(string words)
    {
        for (var i = 1; i < words.Length; i += 2)
        {
            if (words[i] != ' ')
            {
                return words;
            }
        }

        return words.Replace(" ", "", StringComparison.Ordinal);
    }

    private static bool IsShortStop(string text)
    {
        var words = text.Split(' ');
        return words.Length <= KeywordTable.ShortText && (words[0] == KeywordTable.StopWord || words[^1] == KeywordTable.StopWord)
            && !KeywordTable.NoWish.Any(words.Contains);
    }

    /// <summary>Upper case, without accents and punctuation, words parted by single blanks.</summary>
    private static string Normalise(string body)
    {
        var text = new StringBuilder(body.Length);
        foreach (var written in body.EnumerateRunes())
        {
            var rune = written.Value is >= FirstWide and <= LastWide ? new Rune(written.Value - WideToAscii) : written;
            if (IsApostrophe(rune))
            {
                continue;
            }

            if (Rune.IsLetterOrDigit(rune))
            {
                var upper = Rune.ToUpperInvariant(rune).ToString();
                var accented = Accented.IndexOf(upper, StringComparison.Ordinal);
                text.Append(accented < 0 ? upper : Plain[accented].ToString());
            }
            else if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.Format)
                && text.Length > 0 && text[^1] != ' ')
            {
                text.Append(' ');
            }
        }

        return text.ToString().TrimEnd();
    }

    /// <summary>Whatever a keyboard makes of it: "don't" is one word.</summary>
    private static bool IsApostrophe(Rune rune) => rune.Value is '\'' or '`' or 0xB4 or 0x2BC or 0x2018 or 0x2019;

    private static FrozenSet<string> Words(Keyword keyword) =>
        KeywordTable.Entries.Where(entry => entry.Keyword == keyword).SelectMany(entry => entry.Words).Select(Normalise).ToFrozenSet(StringComparer.Ordinal);
}
