using System.Net;
using System.Net.Sockets;

namespace SmsCrm.Crm.Webhooks;

/// <summary>Looks a name up; tests put their own in its place.</summary>
internal delegate Task<IPAddress[]> ResolveName(string host, CancellationToken cancellation);

/// <summary>The address that a name led to may not be called.</summary>
internal sealed class RefusedAddressException(string message) : Exception(message);

/// <summary>
/// The connections to receivers. The name is looked up when a connection is made, and what is connected to is that very address, after
/// the guard has seen it: a name that points elsewhere a moment later gains nothing. No redirects, no proxy, no cookies.
/// </summary>
internal sealed class WebhookConnections : IDisposable
{
    private static readonly TimeSpan ConnectDeadline = TimeSpan.FromSeconds(10);

    private readonly AddressGuard _guard;
    private readonly ResolveName _resolve;

    public WebhookConnections(AddressGuard guard, NameLookups lookups)
        : this(guard, lookups.ResolveAsync)
    {
    }

    public WebhookConnections(AddressGuard guard, ResolveName resolve)
    {
        _guard = guard;
        _resolve = resolve;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = ConnectDeadline,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 16 * 1024,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            ConnectCallback = ConnectAsync,
        };
        // The deadline of an attempt is its own token's.
        Client = new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public HttpClient Client { get; }

    public void Dispose() => Client.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var host = context.DnsEndPoint.Host;
        var plainHttp = context.InitialRequestMessage.RequestUri!.Scheme == Uri.UriSchemeHttp;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await _resolve(host, cancellation).ConfigureAwait(false);
        var allowed = addresses.Where(address => _guard.IsAllowed(address, plainHttp)).ToArray();
        if (allowed.Length == 0)
        {
            throw new RefusedAddressException(addresses.Length == 0
                ? "the name has no address"
                : $"the name leads to an address that may not be called{(plainHttp ? " over plain http" : "")}");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
