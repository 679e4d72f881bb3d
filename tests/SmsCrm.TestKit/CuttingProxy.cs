using System.Net;
using System.Net.Sockets;

namespace SmsCrm.TestKit;

/// <summary>
/// Stands before a TCP server and, when told to, lets the next question through and cuts the connection when its answer comes: whoever asked does not
/// hear what became of it.
/// </summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly int _port;
    private readonly Task _accepting;
    private volatile bool _cutsNextAnswer;
    private volatile bool _asked;

    public CuttingProxy(int port)
    {
        _port = port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>From the next question on.</summary>
    public void CutNextAnswer()
    {
        _asked = false;
        _cutsNextAnswer = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            var client = await _listener.AcceptTcpClientAsync(_over.Token);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var asking = client;
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, _port, _over.Token);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
        await Task.WhenAny(
            CopyAsync(client.GetStream(), server.GetStream(), isAnswer: false, ended.Token),
            CopyAsync(server.GetStream(), client.GetStream(), isAnswer: true, ended.Token));
        await ended.CancelAsync();
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, bool isAnswer, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, cancellation) is > 0 and var length)
        {
            if (isAnswer && _cutsNextAnswer && _asked)
            {
                _cutsNextAnswer = false;
                return;
            }

            _asked |= !isAnswer;
            await to.WriteAsync(buffer.AsMemory(0, length), cancellation);
        }
    }
}
