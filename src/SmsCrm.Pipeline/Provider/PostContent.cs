using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace SmsCrm.Pipeline.Provider;

/// <summary>A form's body whose serialisation asks the guard first: past that, the first byte may be out.</summary>
internal sealed class PostContent : HttpContent
{
    private static readonly MediaTypeHeaderValue Form = new("application/x-www-form-urlencoded");
    private readonly byte[] _body;
    private readonly PostGuard _guard;

    public PostContent(List<KeyValuePair<string, string>> fields, PostGuard guard)
    {
        _body = Encode(fields);
        _guard = guard;
        Headers.ContentType = Form;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _guard.Begin();
        return stream.WriteAsync(_body, cancellationToken).AsTask();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }

    private static byte[] Encode(List<KeyValuePair<string, string>> fields)
    {
        var text = new StringBuilder(512);
        foreach (var (key, value) in fields)
        {
            text.Append(text.Length == 0 ? "" : "&").Append(Uri.EscapeDataString(key)).Append('=').Append(Uri.EscapeDataString(value));
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
