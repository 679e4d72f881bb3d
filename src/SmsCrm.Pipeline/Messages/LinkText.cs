using System.Text;
using System.Text.RegularExpressions;

namespace SmsCrm.Pipeline.Messages;

/// <summary>Short links in a text: <c>{{link:placeholder}}</c> before they are put in, <c>https://domain/l/code</c> after.</summary>
public static partial class LinkText
{
    /// <summary>
    /// Between domain and code. Fixed, because a link is told from the rest of a text by it: see <see cref="WithoutCodes"/>.
    /// </summary>
    public const string Path = "/l/";

    /// <summary>Stands for any code where only the length counts.</summary>
    public static readonly string AnyCode = new('0', LinkCode.Length);

    /// <summary>Whether the text may have placeholders; cheap, since every text is asked.</summary>
    public static bool MayHavePlaceholders(string body) => body.Contains("{{link:", StringComparison.Ordinal);

    public static bool IsPlaceholder(string name) => name.Length is > 0 and <= 40 && Name().IsMatch(name);

    /// <summary>The placeholders that the text has, each once.</summary>
    public static IReadOnlySet<string> Placeholders(string body) =>
        Mark().Matches(body).Select(static match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

    /// <param name="start">Scheme and host, such as <c>https://go.example.com</c>.</param>
    /// <param name="codeOf">A placeholder's code; null leaves the text as it is there.</param>
    public static string PutIn(string body, string start, Func<string, string?> codeOf) =>
        Mark().Replace(body, match => codeOf(match.Groups[1].Value) is { } code ? start + Path + code : match.Value);

    /// <summary>
    /// The text as it is for everybody: each code left out. Two texts that differ in their codes alone are the same content.
    /// </summary>
    public static string WithoutCodes(string body)
    {
        var at = body.IndexOf(Path, StringComparison.Ordinal);
        if (at < 0)
        {
            return body;
        }

        var text = new StringBuilder(body.Length);
        var copied = 0;
        for (; at >= 0; at = body.IndexOf(Path, at, StringComparison.Ordinal))
        {
            at += Path.Length;
            var end = at;
            while (end < body.Length && char.IsAsciiLetterOrDigit(body[end]))
            {
                end++;
            }

            if (end - at == LinkCode.Length)
            {
                text.Append(body, copied, at - copied);
                copied = end;
            }
        }

        return copied == 0 ? body : text.Append(body, copied, body.Length - copied).ToString();
    }

    [GeneratedRegex(@"\{\{link:([A-Za-z0-9_-]{1,40})\}\}")]
    private static partial Regex Mark();

    [GeneratedRegex(@"^[A-Za-z0-9_-]+\z")]
    private static partial Regex Name();
}
