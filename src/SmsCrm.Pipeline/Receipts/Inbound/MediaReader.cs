using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>Reads what came with a text: <c>NumMedia</c>, and of each <c>MediaContentType0</c> and <c>MediaUrl0</c>, and so on.</summary>
internal static class MediaReader
{
    /// <summary>Most that are kept of one text; the provider takes no more.</summary>
    public const int MostMedia = 10;

    /// <summary>Most that are counted.</summary>
    private const int MostCounted = 100;

    private const int MostTypeLength = 100;
    private const int MostUrlLength = 2_048;

    /// <summary>From 0 to 100, whatever the provider says.</summary>
    public static short Count(string? numMedia) =>
        int.TryParse(numMedia, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? (short)Math.Min(count, MostCounted) : (short)0;

    public static IReadOnlyList<InboundMedia> Read(in FormFields form, short count)
    {
        var media = new InboundMedia[Math.Min((int)count, MostMedia)];
        for (var i = 0; i < media.Length; i++)
        {
            media[i] = new InboundMedia(Type(Field(form, $"MediaContentType{i}")), Url(Field(form, $"MediaUrl{i}")));
        }

        return media;
    }

    private static string Type(string said) =>
        said.Length <= MostTypeLength && said.All(char.IsAscii) && MediaTypeHeaderValue.TryParse(said, out _) ? said : "";

    private static string Url(string said) =>
        said.Length <= MostUrlLength && Uri.TryCreate(said, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && url.AbsoluteUri.Length <= MostUrlLength
            ? url.AbsoluteUri
            : "";

    private static string Field(in FormFields form, FormattableString name) =>
        form.TryGet(Encoding.ASCII.GetBytes(FormattableString.Invariant(name)), out var value) ? Encoding.UTF8.GetString(value) : "";
}
