using System.Buffers;
using System.Text;

namespace SmsCrm.TwilioSimulator.Callbacks;

/// <summary>Puts a form body and the text that its signature covers together in one pass. Parameters must be added in ordinal order of
/// their names. To be used again and again by one sender.</summary>
internal sealed class SignedForm
{
    private static readonly SearchValues<byte> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"u8);

    private readonly ArrayBufferWriter<byte> _signed = new(1024);
    private readonly ArrayBufferWriter<byte> _body = new(1024);

    public ReadOnlyMemory<byte> Body => _body.WrittenMemory;

    public void Begin(string url)
    {
        _signed.ResetWrittenCount();
        _body.ResetWrittenCount();
        Encoding.UTF8.GetBytes(url, _signed);
    }

    public void Add(ReadOnlySpan<byte> name, string value)
    {
        if (_body.WrittenCount > 0)
            _body.Write("&"u8);
        _body.Write(name);
        _body.Write("="u8);
        _signed.Write(name);
        var span = _signed.GetSpan(value.Length * 3);
        var length = Encoding.UTF8.GetBytes(value, span);
        Escape(span[..length]);
        _signed.Advance(length);
    }

    public string Sign(ReadOnlySpan<byte> authToken) => TwilioSignature.Compute(authToken, _signed.WrittenSpan);

    private void Escape(ReadOnlySpan<byte> plain)
    {
        if (plain.IndexOfAnyExcept(Unreserved) < 0)
        {
            _body.Write(plain);
            return;
        }
        var span = _body.GetSpan(plain.Length * 3);
        var length = 0;
        foreach (var b in plain)
        {
            if (Unreserved.Contains(b))
            {
                span[length++] = b;
            }
            else if (b == ' ')
            {
                span[length++] = (byte)'+';
            }
            else
            {
                span[length++] = (byte)'%';
                span[length++] = (byte)"0123456789ABCDEF"[b >> 4];
                span[length++] = (byte)"0123456789ABCDEF"[b & 15];
            }
        }
        _body.Advance(length);
    }
}
