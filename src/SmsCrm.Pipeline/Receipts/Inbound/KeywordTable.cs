namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>Words of one kind and language, with where they are from.</summary>
/// <param name="Language">ISO 639-1.</param>
/// <param name="Words">As <see cref="KeywordReader"/> compares them: upper case, without accents and punctuation.</param>
internal sealed record KeywordEntry(Keyword Keyword, string Language, string Source, params string[] Words);

/// <summary>
/// The words that act, as data. A text that is one of them and nothing else is that keyword. Where the source is <see cref="Everyday"/> no rule
/// lists the word: it is what people write, and in doubt a STOP counts.
/// </summary>
internal static class KeywordTable
{
    private const string Ctia = "CTIA Messaging Principles: universal opt-out words";
    private const string Twilio = "Twilio: default keywords (https://help.twilio.com/articles/223134027)";
    private const string TwilioSince2025 = "Twilio: default keywords since 2025-05-14";
    private const string Fcc = "47 CFR 64.1200(a)(10) and (12): per se valid since 2025-04-11";
    private const string Cwta = "CWTA Canadian Common Short Code Application Guidelines 3.9: mandatory keywords";
    private const string Aws = "AWS End User Messaging SMS: required opt-out keywords, US and Canada";
    private const string Everyday = "the everyday word; on no list";

    public static readonly IReadOnlyList<KeywordEntry> Entries =
    [
        new(Keyword.Stop, "en", Ctia, "STOP", "END", "CANCEL", "UNSUBSCRIBE", "QUIT"),
        new(Keyword.Stop, "en", Twilio, "STOPALL", "STOP ALL"),
        new(Keyword.Stop, "en", TwilioSince2025, "REVOKE", "OPTOUT"),
        new(Keyword.Stop, "en", Fcc, "OPT OUT"),
        new(Keyword.Stop, "en", Aws, "REMOVE"),
        new(Keyword.Stop, "en", Everyday, "UNSUB", "CEASE", "STOP2END", "STOP2QUIT", "STOP2STOP"),
        new(Keyword.Stop, "fr", Cwta, "ARRET"),
        new(Keyword.Stop, "fr", Everyday, "ARRETER", "ARRETEZ", "DESABONNER", "DESABONNEMENT"),
        new(Keyword.Stop, "es", Everyday, "ALTO", "PARAR", "PARE", "BAJA", "CANCELAR", "DETENER"),
        new(Keyword.Stop, "de", Everyday, "STOPP", "ABMELDEN", "ABBESTELLEN"),
        new(Keyword.Stop, "pt", Everyday, "SAIR", "PARAR", "CANCELAR", "DESCADASTRAR"),
        new(Keyword.Stop, "it", Everyday, "ANNULLA", "CANCELLAMI", "DISISCRIVIMI"),
        new(Keyword.Stop, "nl", Everyday, "AFMELDEN", "UITSCHRIJVEN"),
        new(Keyword.Stop, "pl", Everyday, "WYPISZ", "REZYGNUJE"),
        new(Keyword.Stop, "sv", Everyday, "STOPPA", "AVSLUTA"),
        new(Keyword.Stop, "ru", Everyday, "СТОП", "ОТПИСАТЬСЯ"),
        new(Keyword.Stop, "uk", Everyday, "ВІДПИСАТИСЯ"),
        new(Keyword.Stop, "zh", Everyday, "退订", "退訂", "停止"),
        new(Keyword.Stop, "ja", Everyday, "停止", "配信停止"),
        new(Keyword.Stop, "ko", Everyday, "중지", "수신거부"),
        new(Keyword.Stop, "vi", Everyday, "DUNG", "HUY"),
        new(Keyword.Stop, "tl", Everyday, "TIGIL", "HINTO"),
        new(Keyword.Stop, "el", Everyday, "ΣΤΟΠ"),
        new(Keyword.Stop, "ar", Everyday, "توقف", "إيقاف", "إلغاء"),
        new(Keyword.Stop, "hi", Everyday, "रोकें", "बंद करें"),
        new(Keyword.Stop, "th", Everyday, "หยุด", "ยกเลิก"),
        new(Keyword.Stop, "tr", Everyday, "DUR", "IPTAL"),
        new(Keyword.Stop, "id", Everyday, "BERHENTI"),

        new(Keyword.Start, "en", Twilio, "START", "YES", "UNSTOP"),

        new(Keyword.Help, "en", Twilio, "HELP", "INFO"),
        new(Keyword.Help, "fr", Cwta, "AIDE"),
        new(Keyword.Help, "es", Everyday, "AYUDA"),
        new(Keyword.Help, "de", Everyday, "HILFE"),
        new(Keyword.Help, "pt", Everyday, "AJUDA"),
        new(Keyword.Help, "it", Everyday, "AIUTO"),
    ];

    /// <summary>
    /// Wishes to stop in words of their own: any reasonable wording counts (47 CFR 64.1200(a)(10)). A text that holds one of them is suppressed at
    /// once and left for somebody to read.
    /// </summary>
    public static readonly IReadOnlyList<KeywordEntry> Wishes =
    [
        new(
            Keyword.Review, "en", Everyday,
            "STOP TEXTING", "STOP SENDING", "STOP MESSAGING", "STOP CONTACTING", "STOP THESE", "STOP THE TEXTS", "STOP PLEASE", "PLEASE STOP",
            "STOP IT", "STOP STOP", "STOP SPAMMING", "STOP TEXTS", "STOP MESSAGES", "STOP CALLING", "STOP BOTHERING", "STOP HARASSING", "YOU TO STOP",
            "WANT TO STOP", "THIS TO STOP", "SAID STOP", "OPTING OUT", "OPTED OUT", "CANCEL MY SUBSCRIPTION", "CANCEL SUBSCRIPTION", "END MY SUBSCRIPTION",
            "END SUBSCRIPTION", "DO NOT WANT THESE", "DONT WANT THESE", "DO NOT WANT TO RECEIVE", "DONT WANT TO RECEIVE", "NO LONGER WANT", "NO LONGER WISH",
            "NO MORE SMS", "NO MORE SPAM", "TAKE MY NUMBER OFF", "TAKE THIS NUMBER OFF", "REMOVE THIS NUMBER", "GO AWAY", "FUCK OFF", "DO NOT TEXT", "DONT TEXT", "DO NOT CONTACT", "DONT CONTACT", "DO NOT SEND", "DONT SEND", "DO NOT MESSAGE",
            "DONT MESSAGE", "NO MORE TEXTS", "NO MORE MESSAGES", "REMOVE ME", "TAKE ME OFF", "OPT ME OUT", "OPT OUT", "UNSUBSCRIBE", "LEAVE ME ALONE",
            "REMOVE MY NUMBER", "DELETE MY NUMBER", "LOSE MY NUMBER", "WRONG NUMBER", "QUIT TEXTING", "CEASE AND DESIST"),
        new(Keyword.Review, "es", Everyday, "NO MAS MENSAJES", "NO QUIERO MAS", "YA NO QUIERO", "NO ME ENVIE", "NO ME MANDE", "DARME DE BAJA", "DEJEN DE", "DEJE DE"),
        new(Keyword.Review, "fr", Everyday, "NE PLUS RECEVOIR", "DESABONNE", "ARRETEZ DE"),
        new(Keyword.Review, "de", Everyday, "KEINE SMS MEHR", "KEINE NACHRICHTEN MEHR", "NICHT MEHR SCHREIBEN"),
        new(Keyword.Review, "pt", Everyday, "NAO ME ENVIE", "PAREM DE", "PARE DE"),
    ];

    /// <summary>A text of up to so many words that begins or ends with <see cref="StopWord"/> is a wish too: "stop now", "ok stop", "STOP thanks".</summary>
    public const int ShortText = 4;

    public const string StopWord = "STOP";

    /// <summary>With one of these a short text says something else: "don't stop", "non stop", "bus stop".</summary>
    public static readonly IReadOnlyList<string> NoWish = ["DONT", "NOT", "NEVER", "CANT", "CANNOT", "WONT", "NON", "BUS"];
}
