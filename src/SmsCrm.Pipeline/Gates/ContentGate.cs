using System.Collections.Frozen;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

/// <summary>
/// What carriers filter or the law asks of a text: no public link shorteners (Twilio error 30007), a way to opt out in the first marketing
/// text to a recipient (CTIA Messaging Principles), and a bound on its length.
/// </summary>
internal sealed class ContentGate : IGate
{
    private static readonly FrozenSet<string> Shorteners = new[]
    {
        "bit.ly", "tinyurl.com", "t.co", "goo.gl", "is.gd", "ow.ly", "buff.ly", "rebrand.ly", "cutt.ly", "rb.gy", "t.ly", "tiny.cc", "shorturl.at",
        "bl.ink", "v.gd", "s.id", "lnkd.in", "snip.ly",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] OptOutWords = ["STOP", "unsubscribe", "opt out", "opt-out", "optout"];

    public string Name => "content";

    public GateDecision Judge(in GateInput input)
    {
        var rules = input.Rules.Content;
        if (input.Segments > rules.MaxSegments)
        {
            return Say.Reject(
                Name, Reason.Content, $"The text takes more segments than your settings allow. Shorten it.",
                ("segments", input.Segments), ("most", rules.MaxSegments), ("rules", input.Rules.Version));
        }

        if (ShortenerIn(input.Body, rules.BannedHosts) is { } host)
        {
            return Say.Reject(
                Name, Reason.Content, "Carriers filter texts with links of public shorteners. Use a link on your own domain.",
                ("host", host), ("rules", input.Rules.Version));
        }

        if (input.Purpose == Purpose.Marketing && rules.OptOutWordingFirst && input.Recent is { AnyMarketing: false }
            && !OptOutWords.Any(input.Body.ContainsIgnoringCase))
        {
            return Say.Reject(
                Name, Reason.Content, "The first marketing text to a recipient must say how to opt out, such as \"Reply STOP to opt out\".",
                ("earlier_marketing", "none"), ("rules", input.Rules.Version));
        }

        return GateDecision.Pass;
    }

    /// <summary>Looks at each word that has a dot: as a host, before any slash.</summary>
    private static string? ShortenerIn(string body, IReadOnlyList<string> banned)
    {
        if (!body.Contains('.', StringComparison.Ordinal))
        {
            return null;
        }

        foreach (var word in body.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var address = word.AsSpan().TrimStart("(<[\"'");
            var scheme = address.IndexOf("://", StringComparison.Ordinal);
            address = scheme < 0 ? address : address[(scheme + 3)..];
            var end = address.IndexOfAny("/?#:,;)>]\"'");
            var host = (end < 0 ? address : address[..end]).TrimEnd('.').ToString();
            if (host.StartsWith("www.", StringComparison.OrdinalIgnoreCase))
            {
                host = host[4..];
            }

            if (Shorteners.Contains(host) || banned.Contains(host, StringComparer.OrdinalIgnoreCase))
            {
                return host;
            }
        }

        return null;
    }
}

file static class Texts
{
    public static bool ContainsIgnoringCase(this string text, string word) => text.Contains(word, StringComparison.OrdinalIgnoreCase);
}
