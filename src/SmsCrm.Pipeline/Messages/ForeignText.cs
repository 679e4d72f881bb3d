using System.Text;

namespace SmsCrm.Pipeline.Messages;

/// <summary>Texts that somebody else wrote: whatever is in them, they can be kept and written, and are cut without parting a character.</summary>
public static class ForeignText
{
    /// <summary>
    /// The first <paramref name="most"/> UTF-16 units of it at most: one less where a cut would leave half of a surrogate pair, which is no text
    /// and which nothing that writes UTF-8 strictly takes, Postgres' client among it.
    /// </summary>
    /// <param name="most">1 or more.</param>
    public static string Cut(string text, int most) =>
        text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    /// <summary>As Postgres can keep it: without U+0000, which nobody means, and with U+FFFD for halves of surrogate pairs.</summary>
    public static string Storable(string text)
    {
        var kept = text.Replace("\0", "", StringComparison.Ordinal);
        return kept.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(kept)) : kept;
    }
}
