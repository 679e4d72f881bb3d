using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Links;

/// <summary>What links do while Postgres or Redis is away.</summary>
public sealed class WithoutStoresTests(DatabaseFixture database, RedisFixture redis) : IClassFixture<DatabaseFixture>, IClassFixture<RedisFixture>
{
    [Fact]
    public async Task While_Postgres_is_away_what_Redis_has_leads_on_and_the_rest_says_try_again()
    {
        await using var room = Room(DeadPostgres());
        var link = NewLink();
        await room.GetRequiredService<ILinkShelf>().KeepAsync([link], default);
        var redirect = room.GetRequiredService<LinkRedirect>();

        Assert.Equal(new LinkOutcome.To(link.Url), await redirect.FollowAsync(new LinkQuestion(link.Code, "", null, HitFlags.None), default));
        Assert.IsType<LinkOutcome.Unreachable>(await redirect.FollowAsync(new LinkQuestion(LinkCode.Draw(), "", null, HitFlags.None), default));
    }

    [Fact]
    public async Task Hits_beyond_the_queue_are_lost_and_counted()
    {
        await using var room = Room(DeadPostgres(), ("SmsCrm:Links:QueuedHits", "100"));
        using var lost = new LostHits(room);
        var link = NewLink();
        await room.GetRequiredService<ILinkShelf>().KeepAsync([link], default);
        var redirect = room.GetRequiredService<LinkRedirect>();

        for (var i = 0; i < 107; i++)
        {
            Assert.IsType<LinkOutcome.To>(await redirect.FollowAsync(new LinkQuestion(link.Code, "", null, HitFlags.None), default));
        }

        Assert.Equal((7, 100), (lost.Count, room.GetRequiredService<LinkHits>().Queue.Count));
    }

    [Fact]
    public async Task Hits_that_are_written_again_are_there_once_and_counted_once()
    {
        await using var room = Room(database.ConnectionString);
        var link = NewLink();
        var now = TimeProvider.System.GetUtcNow();
        LinkHit[] hits = [new(Guid.CreateVersion7(), link, now, HitFlags.None), new(Guid.CreateVersion7(), link, now, HitFlags.Agent)];
        var writer = room.GetRequiredService<LinkHitWriter>();

        var written = (await writer.WriteAsync(hits), await writer.WriteAsync(hits));

        Assert.Equal((2, 0), written);
        Assert.Equal("2 1", await CountsAsync(link));
    }

    [Fact]
    public async Task Hits_are_held_while_Postgres_does_not_take_them()
    {
        var own = await database.CreateAnotherAsync();
        await using var room = Room(own);
        var postgres = room.GetRequiredService<NpgsqlDataSource>();
        var link = NewLink();
        await ExecuteAsync(postgres, "ALTER TABLE link_hits RENAME TO away");
        var loop = room.GetServices<IHostedService>().OfType<LinkHitLoop>().Single();
        await loop.StartAsync(default);
        room.GetRequiredService<LinkHits>().Add(link, HitFlags.None);
        await Eventually.TrueAsync(() => room.GetRequiredService<LinkHits>().Queue.Count == 0);
        room.GetRequiredService<LinkHits>().Add(link, HitFlags.None);

        await ExecuteAsync(postgres, "ALTER TABLE away RENAME TO link_hits");

        await Eventually.EqualAsync("2 2", () => CountsAsync(link, postgres));
        await loop.StopAsync(default);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(0, 1, 13)]
    public async Task Of_hits_that_are_written_together_only_those_that_Postgres_refuses_are_lost(params int[] refused)
    {
        await using var room = Room(database.ConnectionString);
        using var lost = new LostHits(room);
        var link = NewLink();
        for (var i = 0; i < 14; i++)
        {
            // Postgres' texts hold no zero character.
            room.GetRequiredService<LinkHits>().Add(refused.Contains(i) ? link with { Placeholder = "bad\0" } : link, HitFlags.None);
        }

        var loop = room.GetServices<IHostedService>().OfType<LinkHitLoop>().Single();
        await loop.StartAsync(default);
        await Eventually.EqualAsync(14 - refused.Length, async () => int.Parse((await CountsAsync(link)).Split(' ')[0].PadLeft(1, '0'), CultureInfo.InvariantCulture));
        await loop.StopAsync(default);

        Assert.Equal(refused.Length, lost.Count);
    }

    [Fact]
    public async Task A_shelf_says_that_it_is_away_and_that_a_code_is_taken()
    {
        await using var room = Room(database.ConnectionString);
        await using var away = Room(database.ConnectionString, ("SmsCrm:Storage:Redis", $"127.0.0.1:{PrivatePorts.Next()}"));
        var link = NewLink();

        Assert.Equal(ShelfAnswer.Kept, await room.GetRequiredService<ILinkShelf>().KeepAsync([link], default));
        Assert.Equal(ShelfAnswer.Taken, await room.GetRequiredService<ILinkShelf>().KeepAsync([link with { Url = "https://other.example.com/" }], default));
        Assert.Equal(ShelfAnswer.Away, await away.GetRequiredService<ILinkShelf>().KeepAsync([NewLink()], default));
    }

    [Fact]
    public async Task Without_Redis_Postgres_answers()
    {
        await using var room = Room(database.ConnectionString, ("SmsCrm:Storage:Redis", $"127.0.0.1:{PrivatePorts.Next()}"));
        var link = NewLink();
        await using var insert = database.DataSource.CreateCommand("INSERT INTO links VALUES ($1, $2, $3, '', 'offer', $4, now() + interval '1 hour')");
        foreach (var value in (object[])[link.Code, link.Message.Value, link.Tenant.Value, link.Url])
        {
            insert.Parameters.Add(new() { Value = value });
        }

        await insert.ExecuteNonQueryAsync();

        Assert.Equal(
            new LinkOutcome.To(link.Url),
            await room.GetRequiredService<LinkRedirect>().FollowAsync(new LinkQuestion(link.Code, "", null, HitFlags.None), default));
    }

    private ServiceProvider Room(string postgres, params (string Setting, string Value)[] settings) =>
        LinkRoom.Create(postgres, redis.ConnectionString, TimeProvider.System, settings);

    private static string DeadPostgres() => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={PrivatePorts.Next()};Username=nobody;Database=none");

    private static ShortLink NewLink() => LinkRoom.NewLink(TimeProvider.System.GetUtcNow().AddHours(1));

    private Task<string> CountsAsync(ShortLink link) => CountsAsync(link, database.DataSource);

    private static async Task<string> CountsAsync(ShortLink link, NpgsqlDataSource postgres)
    {
        await using var command = postgres.CreateCommand("SELECT coalesce(sum(raw) || ' ' || sum(human), '') FROM link_counts WHERE tenant_id = $1");
        command.Parameters.Add(new() { Value = link.Tenant.Value });
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource postgres, string sql)
    {
        await using var command = postgres.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
