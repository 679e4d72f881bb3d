using System.Collections.Concurrent;
using System.Net;

namespace SmsCrm.Crm.Webhooks;

/// <summary>
/// Lookups of receivers' names. The system's resolver blocks a thread until it knows, tens of seconds where a name's server is silent: so each
/// lookup has a thread of its own instead of one of the pool's, they are bounded, and those who ask for a name at once share one. Nothing
/// is remembered.
/// </summary>
internal sealed class NameLookups : IDisposable
{
    /// <summary>More than the endpoints that hang may have slots.</summary>
    private const int AtOnce = 128;

    private readonly SemaphoreSlim _free = new(AtOnce);
    private readonly ConcurrentDictionary<string, Lazy<Task<IPAddress[]>>> _running = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="System.Net.Sockets.SocketException">There is no such name.</exception>
    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellation) =>
        _running.GetOrAdd(host, name => new Lazy<Task<IPAddress[]>>(() => RunAsync(name))).Value.WaitAsync(cancellation);

    public void Dispose() => _free.Dispose();

    private async Task<IPAddress[]> RunAsync(string host)
    {
        try
        {
            await _free.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            try
            {
                return await Task.Factory
                    .StartNew(() => Dns.GetHostAddresses(host), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                    .ConfigureAwait(false);
            }
            finally
            {
                _free.Release();
            }
        }
        finally
        {
            _running.TryRemove(host, out _);
        }
    }
}
