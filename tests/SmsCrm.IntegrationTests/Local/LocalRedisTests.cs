using SmsCrm.Server.Local;
using SmsCrm.TestKit;
using StackExchange.Redis;

namespace SmsCrm.IntegrationTests.Local;

public sealed class LocalRedisTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    [Fact]
    public async Task It_answers_and_is_empty_after_a_kill_and_a_restart()
    {
        await SetAsync("key", "value");

        await redis.Server.KillAsync();
        await redis.Server.StartAgainAsync();

        Assert.True((await GetAsync("key")).IsNull);
    }

    [Fact]
    public async Task A_port_that_somebody_else_holds_is_an_error_with_the_servers_own_words()
    {
        var folder = await RunFolder.NewAsync("redis");

        var error = await Assert.ThrowsAsync<LocalServerException>(
            () => LocalRedis.StartAsync(new LocalRedisOptions(folder, redis.Server.Port, Checkout.CacheFolder)));

        Assert.Contains("Address already in use", error.Message, StringComparison.Ordinal);
    }

    private async Task SetAsync(string key, string value)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await connection.GetDatabase().StringSetAsync(key, value);
    }

    private async Task<RedisValue> GetAsync(string key)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        return await connection.GetDatabase().StringGetAsync(key);
    }
}
