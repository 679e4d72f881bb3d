using System.Buffers.Text;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace SmsCrm.TwilioSimulator.Callbacks;

/// <summary>
/// One connection to a receiver, HTTP/1.1, one request at a time. It does what callbacks need and no more, at about half the price of
/// an HttpClient: two callbacks for each text are most of what the simulator costs.
/// </summary>
internal sealed class CallbackConnection : IDisposable
{
    private const int LongestHead = 16 * 1024;
    private const int LongestBody = 64 * 1024;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[LongestHead];
    private int _start;
    private int _end;

    private CallbackConnection(CallbackEndpoint endpoint, Socket socket, Stream stream)
    {
        Endpoint = endpoint;
        _socket = socket;
        _stream = stream;
    }

    public CallbackEndpoint Endpoint { get; }

    /// <summary>Whether another request may follow.</summary>
    public bool IsReusable { get; private set; } = true;

    /// <summary>Requests that were answered on it.</summary>
    public int Answered { get; private set; }

    public static async Task<CallbackConnection> OpenAsync(CallbackEndpoint endpoint, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellation).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (endpoint.IsTls)
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = endpoint.Host }, cancellation).ConfigureAwait(false);
                stream = tls;
            }
            return new CallbackConnection(endpoint, socket, stream);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and reads the status of its answer. The answer itself says nothing here.</summary>
    /// <exception cref="IOException">The connection broke, or what came is no HTTP.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> request)
    {
        IsReusable = false;
        await _stream.WriteAsync(request).ConfigureAwait(false);
        int status, length;
        do
        {
            status = await ReadHeadAsync().ConfigureAwait(false);
            (length, var isLast) = Understand();
            if (status is < 200 or 204 or 304)
                length = 0;
            if (length > 0)
                await SkipAsync(length).ConfigureAwait(false);
            IsReusable = !isLast && length >= 0;
        }
        while (status < 200);
        Answered++;
        return status;
    }

    /// <summary>Ends whatever is under way with an <see cref="IOException"/> or an <see cref="ObjectDisposedException"/>.</summary>
    public void Abort() => _socket.Dispose();

    public void Dispose() => _stream.Dispose();

    private int HeadLength { get; set; }

    // Reads until the empty line; the head is then at the start of what is buffered.
    private async ValueTask<int> ReadHeadAsync()
    {
        while (true)
        {
            var end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                HeadLength = end + 4;
                var head = _buffer.AsSpan(_start, HeadLength);
                if (!head.StartsWith("HTTP/1."u8) || !Utf8Parser.TryParse(head[9..], out int status, out _))
                    throw new IOException("The answer is no HTTP/1 answer.");
                return status;
            }
            await FillAsync().ConfigureAwait(false);
        }
    }

    // The length of the body (-1: it has none that is told, and the connection is given up after it), and whether the server closes.
    private (int Length, bool IsLast) Understand()
    {
        var head = _buffer.AsSpan(_start, HeadLength);
        _start += HeadLength;
        var length = -1;
        var isLast = head.StartsWith("HTTP/1.0"u8);
        while (!head.IsEmpty)
        {
            var end = head.IndexOf("\r\n"u8);
            var line = head[..end];
            head = head[(end + 2)..];
            if (Ascii.EqualsIgnoreCase(NameOf(line), "content-length"u8))
                length = Utf8Parser.TryParse(ValueOf(line), out int value, out _) && value >= 0 ? value : throw new IOException("The answer's length is no number.");
            else if (Ascii.EqualsIgnoreCase(NameOf(line), "connection"u8))
                isLast |= Ascii.EqualsIgnoreCase(ValueOf(line), "close"u8);
        }
        return (length, isLast);
    }

    private async ValueTask SkipAsync(int length)
    {
        if (length > LongestBody)
            throw new IOException("The answer is too long.");
        while (length > 0)
        {
            var buffered = Math.Min(length, _end - _start);
            _start += buffered;
            length -= buffered;
            if (length > 0)
                await FillAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask FillAsync()
    {
        if (_start == _end)
            _start = _end = 0;
        if (_end == _buffer.Length)
            throw new IOException("The answer's head is too long.");
        var read = await _stream.ReadAsync(_buffer.AsMemory(_end)).ConfigureAwait(false);
        if (read == 0)
            throw new EndOfStreamException("The connection was closed before its answer.");
        _end += read;
    }

    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> line) => line.IndexOf((byte)':') is var colon && colon > 0 ? line[..colon] : default;

    private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> line) => line[(line.IndexOf((byte)':') + 1)..].Trim((byte)' ');
}
