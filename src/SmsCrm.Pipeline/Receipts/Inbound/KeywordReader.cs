using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>
/// Reads STOP, HELP and START in any case and punctuation. The words are the CTIA's and Twilio's (STOPALL, and REVOKE and OPTOUT since
/// 2025-05-14), "opt out" and the like are per se valid since 2025-04-11 (47 CFR 64.1200(a)(12), the FCC's order), and any reasonable
/// wording counts: what looks like one is suppressed and left for review.
/// </summary>
internal static class KeywordReader
{
    // The process knows no culture (InvariantGlobalization), which would decompose them.
    private const string Accented = "ÀÁÂÃÄÅÈÉÊËÌÍÎÏÒÓÔÕÖÙÚÛÜÇÑ";
    private const string Plain = "AAAAAAEEEEIIIIOOOOOUUUUCN";

    private static readonly FrozenSet<string> Stop = Set(
        "STOP", "END", "CANCEL", "UNSUBSCRIBE", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "OPT OUT", "STOP ALL",
        // Spanish, French, German, Portuguese, Italian.
        "ALTO", "PARAR", "PARE", "BAJA", "CANCELAR", "DETENER", "ARRET", "ARRETER", "ARRETEZ", "STOPP", "ABMELDEN", "SAIR", "ANNULLA");

    private static readonly FrozenSet<string> Start = Set("START", "YES", "UNSTOP");
    private static readonly FrozenSet<string> TollFreeStart = Set("START", "UNSTOP");
    private static readonly FrozenSet<string> Help = Set("HELP", "INFO", "AYUDA", "AIDE", "HILFE");

    private static readonly string[] Wishes =
    [
        "STOP TEXTING", "STOP SENDING", "STOP MESSAGING", "STOP CONTACTING", "STOP THESE", "STOP THE TEXTS", "STOP PLEASE", "PLEASE STOP",
        "DO NOT TEXT", "DONT TEXT", "DO NOT CONTACT", "DONT CONTACT", "DO NOT SEND", "DONT SEND", "DO NOT MESSAGE", "DONT MESSAGE",
        "NO MORE TEXTS", "NO MORE MESSAGES", "REMOVE ME", "TAKE ME OFF", "OPT ME OUT", "UNSUBSCRIBE", "LEAVE ME ALONE", "REMOVE MY NUMBER",
        "NO MAS MENSAJES", "NO ME ENVIE", "NO ME MANDE", "DARME DE BAJA", "DEJEN DE", "DEJE DE",
        "NE PLUS RECEVOIR", "DESABONNE", "KEINE SMS MEHR", "KEINE NACHRICHTEN MEHR",
    ];

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

        var words = Normalise(body);
        return Stop.Contains(words) ? Keyword.Stop
            : (toTollFree ? TollFreeStart : Start).Contains(words) ? Keyword.Start
            : Help.Contains(words) ? Keyword.Help
            : Wishes.Any(wish => words.Contains(wish, StringComparison.Ordinal)) ? Keyword.Review
            : Keyword.None;
    }

    /// <summary>Upper case, without accents and punctuation, words parted by single blanks.</summary>
    private static string Normalise(string body)
    {
        var text = new StringBuilder(body.Length);
        foreach (var rune in body.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                var upper = Rune.ToUpperInvariant(rune).ToString();
                var accented = Accented.IndexOf(upper, StringComparison.Ordinal);
                text.Append(accented < 0 ? upper : Plain[accented].ToString());
            }
            else if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.Format)
                && rune.Value is not ('\'' or 0x2019) && text.Length > 0 && text[^1] != ' ')
            {
                text.Append(' ');
            }
        }

        return text.ToString().TrimEnd();
    }

    private static FrozenSet<string> Set(params string[] words) => words.ToFrozenSet(StringComparer.Ordinal);
}
