using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SmsCrm.Storage;
using SmsCrm.Storage.Identity;
using SmsCrm.TestKit;
using StackExchange.Redis;

namespace SmsCrm.IntegrationTests.Storage;

public sealed class StorageServicesTests(DatabaseFixture database, RedisFixture redis) : IClassFixture<DatabaseFixture>, IClassFixture<RedisFixture>
{
    [Fact]
    public async Task Postgres_and_Redis_answer_through_the_container()
    {
        await using var services = Build();

        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SHOW application_name");
        var name = await command.ExecuteScalarAsync();
        var pong = await services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().PingAsync();

        Assert.Equal("smscrm", name);
        Assert.True(pong > TimeSpan.Zero);
    }

    [Fact]
    public async Task Another_Postgres_than_the_ledgers_is_noticed()
    {
        await using var services = Build();
        var identity = services.GetRequiredService<LedgerIdentity>();
        var same = await identity.CheckAsync(default);
        await using var command = database.DataSource.CreateCommand("UPDATE ledger_identity SET timeline = timeline + 1");
        await command.ExecuteNonQueryAsync();

        var other = await identity.CheckAsync(default);

        Assert.True(same.Same, same.Sentence);
        Assert.False(other.Same);
        Assert.Contains("sending holds", other.Sentence, StringComparison.Ordinal);
    }

    private ServiceProvider Build()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["SmsCrm:Storage:Postgres"] = database.ConnectionString,
            ["SmsCrm:Storage:Redis"] = redis.ConnectionString,
        }).Build();
        return new ServiceCollection().AddLogging().AddStorage(configuration).BuildServiceProvider();
    }
}
