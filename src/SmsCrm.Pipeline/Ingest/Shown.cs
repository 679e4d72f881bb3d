using System.Globalization;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>Values as error texts quote them: short, on one line.</summary>
internal static class Shown
{
    private const int Most = 40;

    public static string Value(string text)
    {
        var cut = text.Length > Most ? string.Concat(text.AsSpan(0, Most), "...") : text;
        return string.Concat(cut.Select(static c => char.IsControl(c) || char.IsSurrogate(c) ? Escape(c) : c.ToString()));
    }

    public static string Escape(char character) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");

    public static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
