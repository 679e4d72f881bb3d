using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmsCrm.IntegrationTests.TwilioSimulator;

/// <summary>A receiver that answers with the very bytes it is told, for what a proper web server doesn't do.</summary>
internal sealed class RawReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<int, string?> _answer;
    private readonly Task _running;
    private int _requests;
    private int _connections;

    /// <param name="answer">The answer to the nth request (from 0); null closes the connection without one. An answer with
    /// <c>Connection: close</c> is the last on its connection.</param>
    public RawReceiver(Func<int, string?> answer)
    {
        _answer = answer;
        _listener.Start();
        _running = AcceptAsync();
    }

    public int Requests => Volatile.Read(ref _requests);

    public int Connections => Volatile.Read(ref _connections);

    public string LastHead { get; private set; } = "";

    public string Authority => _listener.LocalEndpoint.ToString()!;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _running;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                Interlocked.Increment(ref _connections);
                serving.Add(ServeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                while (await ReadRequestAsync(stream))
                {
                    var answer = _answer(Interlocked.Increment(ref _requests) - 1);
                    if (answer is null)
                        return;
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), _stopping.Token);
                    if (answer.Contains("Connection: close", StringComparison.Ordinal))
                        return;
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The simulator broke it off, or the test is over.
            }
        }
    }

    private async Task<bool> ReadRequestAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (true)
        {
            var head = text.ToString();
            var end = head.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                var length = int.Parse(head.Split('\n').Single(line => line.StartsWith("Content-Length:", StringComparison.Ordinal)).Split(':')[1]);
                if (head.Length >= end + 4 + length)
                {
                    LastHead = head[..end];
                    return true;
                }
            }
            var read = await stream.ReadAsync(buffer, _stopping.Token);
            if (read == 0)
                return false;
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
    }
}
