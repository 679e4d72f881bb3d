using System.Net;
using Microsoft.Extensions.Options;

namespace SmsCrm.Pipeline.Provider;

/// <summary>
/// The process's pooled connections to the provider: HTTP/1.1, no redirects, no retries, no cookies, no proxy. One for all accounts.
/// </summary>
internal sealed class TwilioConnections : IDisposable
{
    private readonly HttpMessageInvoker _invoker;

    public TwilioConnections(IOptions<ProviderOptions> options)
    {
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromMilliseconds(options.Value.ConnectTimeoutMs),
            PooledConnectionLifetime = TimeSpan.FromSeconds(options.Value.ConnectionLifetimeSeconds),
            MaxConnectionsPerServer = options.Value.MaxConnections,
            MaxResponseHeadersLength = 32,
            // Our trace is nobody's business there, and its header costs bytes on every POST.
            ActivityHeadersPropagator = null,
        });
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        request.Version = HttpVersion.Version11;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return _invoker.SendAsync(request, cancellation);
    }

    public void Dispose() => _invoker.Dispose();
}
