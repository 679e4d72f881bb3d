using System.Text.RegularExpressions;

namespace SmsCrm.Pipeline.Links;

/// <summary>Why a hit is taken to be no person's; as <c>link_hits.flags</c> keeps it.</summary>
[Flags]
public enum HitFlags
{
    /// <summary>A person's, as far as we know.</summary>
    None = 0,

    /// <summary>A HEAD request: no click at all.</summary>
    Head = 1,

    /// <summary>The user agent is a preview's, a scanner's or another program's, or missing.</summary>
    Agent = 2,

    /// <summary>A browser fetched it ahead or for a preview.</summary>
    Prefetch = 4,

    /// <summary>It came before the text's delivery, or within seconds of it.</summary>
    TooSoon = 8,

    /// <summary>Its address followed many different links within a minute.</summary>
    ManyFromAddress = 16,

    /// <summary>Its address is a data centre's.</summary>
    DataCentre = 32,

    /// <summary>Its address is in another country than the recipient's number.</summary>
    OtherCountry = 64,
}

/// <summary>
/// Tells programs from people by what a request says of itself. The rules are those of messaging practice: link previews and carriers'
/// scanners fetch links before anybody reads the text.
/// </summary>
public static partial class BotRules
{
    /// <param name="userAgent">Null or empty: none was sent.</param>
    /// <param name="purposes">The headers Purpose, Sec-Purpose, X-Purpose and X-Moz.</param>
    public static HitFlags Judge(bool isHead, string? userAgent, IEnumerable<string?> purposes) =>
        (isHead ? HitFlags.Head : HitFlags.None)
        | (string.IsNullOrWhiteSpace(userAgent) || Programs().IsMatch(userAgent) ? HitFlags.Agent : HitFlags.None)
        | (purposes.Any(static purpose => purpose is not null && Ahead().IsMatch(purpose)) ? HitFlags.Prefetch : HitFlags.None);

    /// <summary>
    /// Previews (iMessage's ends in "facebookexternalhit/1.1 Facebot Twitterbot/1.0"), scanners, and programs' own libraries. Not "Cubot",
    /// which makes telephones.
    /// </summary>
    [GeneratedRegex(
        "(?<!cu)bot|crawl|spider|facebookexternalhit|preview|whatsapp/|skypeuri|googleimageproxy|google-safety|headless|phantomjs|scan|"
        + "proofpoint|mimecast|barracuda|lookout|symantec|forcepoint|curl/|wget/|python-|go-http-client|okhttp|apache-httpclient|java/|libwww|"
        + "axios/|node-fetch|undici|ruby|guzzlehttp|dart/|^mozilla/5\\.0$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Programs();

    [GeneratedRegex("prefetch|prerender|preview", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Ahead();
}
