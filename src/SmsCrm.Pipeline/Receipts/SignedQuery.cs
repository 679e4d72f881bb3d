using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace SmsCrm.Pipeline.Receipts;

/// <summary>
/// The forms of a query that the provider may have signed: as it was received, and the two that its own Node library (6.2.0) falls back on, since not
/// every back end of the provider signs the same escapes: as a WHATWG address spells it (<c>'</c> becomes <c>%27</c>), and as Node's <c>querystring</c> does.
/// </summary>
internal static class SignedQuery
{
    /// <summary>What neither of Node's escapes touches besides letters and digits.</summary>
    private const string Unescaped = "-_.!~*'()";

    /// <param name="query">As it was received, with its question mark; empty where there is none.</param>
    /// <returns>The received form first, then those that differ from it.</returns>
    public static IEnumerable<string> Forms(string query)
    {
        yield return query;
        var normalised = Normalised(query);
        if (normalised != query)
        {
            yield return normalised;
        }

        var stringified = query.Length > 1 ? Stringified(normalised) : query;
        if (stringified != query && stringified != normalised)
        {
            yield return stringified;
        }
    }

    /// <summary>https://url.spec.whatwg.org/#special-query-percent-encode-set.</summary>
    private static string Normalised(string query)
    {
        if (query.All(c => c is > ' ' and < '\x7f' and not ('"' or '#' or '<' or '>' or '\'')))
        {
            return query;
        }

        var spelled = new StringBuilder(query.Length + 16);
        foreach (var octet in Encoding.UTF8.GetBytes(query))
        {
            Append(spelled, octet, octet is > (byte)' ' and < 0x7f and not ((byte)'"' or (byte)'#' or (byte)'<' or (byte)'>' or (byte)'\''));
        }

        return spelled.ToString();
    }

    /// <summary>Decoded and encoded again; values of a name that comes twice stand together, where it came first.</summary>
    private static string Stringified(string query)
    {
        var pairs = new List<(string Name, string Value)>();
        foreach (var pair in new QueryStringEnumerable(query))
        {
            pairs.Add((pair.DecodeName().ToString(), pair.DecodeValue().ToString()));
        }

        var spelled = new StringBuilder(query.Length + 16);
        foreach (var (name, value) in pairs.GroupBy(pair => pair.Name, StringComparer.Ordinal).SelectMany(named => named))
        {
            Escape(spelled.Append(spelled.Length == 0 ? '?' : '&'), name);
            Escape(spelled.Append('='), value);
        }

        return spelled.ToString();
    }

    private static void Escape(StringBuilder spelled, string text)
    {
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            Append(spelled, octet, char.IsAsciiLetterOrDigit((char)octet) || Unescaped.Contains((char)octet, StringComparison.Ordinal));
        }
    }

    private static void Append(StringBuilder spelled, byte octet, bool asItIs) => _ = asItIs ? spelled.Append((char)octet) : spelled.Append($"%{octet:X2}");
}
