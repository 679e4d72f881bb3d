using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace SmsCrm.Streams.LocalBrokers;

/// <summary>
/// Passes connections to a fixed local port on to another one: the mock cluster binds a port of its own choice, and a
/// broker that is started again has to be found where it was.
/// </summary>
internal sealed class TcpForwarder : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;
    private readonly Socket _listener;
    private readonly IPEndPoint _target;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    private TcpForwarder(Socket listener, IPEndPoint target)
    {
        _listener = listener;
        _target = target;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <exception cref="InvalidOperationException">The port is taken.</exception>
    public static TcpForwarder Start(int port, int targetPort)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
            listener.Listen(128);
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new InvalidOperationException($"The embedded broker cannot listen on 127.0.0.1:{port}: {e.Message}. Give it another port, or end what uses this one.", e);
        }

        return new TcpForwarder(listener, new IPEndPoint(IPAddress.Loopback, targetPort));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = ForwardAsync(await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The listener was closed, or a client went before it was taken.
            }
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        using var here = client;
        using var there = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var close = _stop.Token.Register(static pair => Close((ValueTuple<Socket, Socket>)pair!), (here, there));
        try
        {
            here.NoDelay = there.NoDelay = true;
            await there.ConnectAsync(_target, _stop.Token).ConfigureAwait(false);
            // One end closed is both closed: Kafka's clients know no half-open connection.
            await Task.WhenAny(CopyAsync(here, there), CopyAsync(there, here)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Either end went: the client connects again.
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (await from.ReceiveAsync(buffer, SocketFlags.None).ConfigureAwait(false) is var read and > 0)
            {
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // As above.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Close((Socket Here, Socket There) pair)
    {
        pair.Here.Dispose();
        pair.There.Dispose();
    }
}
