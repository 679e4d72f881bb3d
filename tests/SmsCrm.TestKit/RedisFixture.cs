using SmsCrm.Server.Local;
using Xunit;

namespace SmsCrm.TestKit;

/// <summary>
/// A private Redis server for one test class (<c>IClassFixture&lt;RedisFixture&gt;</c>): it starts in a moment, and a
/// class may flush, kill and restart it without touching another's.
/// </summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private LocalRedis? _server;
    private string? _folder;

    public LocalRedis Server => _server ?? throw new InvalidOperationException("The server is started before the first test");

    /// <summary>For StackExchange.Redis.</summary>
    public string ConnectionString => Server.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        _folder = await RunFolder.NewAsync("redis");
        _server = await LocalRedis.StartAsync(new LocalRedisOptions(_folder, PrivatePorts.Next(), Checkout.CacheFolder));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            Leftovers.Delete(_folder!);
        }
    }
}
