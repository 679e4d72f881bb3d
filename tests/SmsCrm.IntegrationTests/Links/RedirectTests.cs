using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;
using StackExchange.Redis;

namespace SmsCrm.IntegrationTests.Links;

/// <summary>What a redirect answers and says of its clicks as time passes, on real Postgres and Redis, by a clock of the tests.</summary>
public sealed class RedirectTests(DatabaseFixture database, RedisFixture redis) : IClassFixture<DatabaseFixture>, IClassFixture<RedisFixture>
{
    private static readonly LinkOutcome Found = new LinkOutcome.To(LinkServer.Url);
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task A_link_that_ends_while_it_is_in_memory_leads_nowhere_from_that_moment_on()
    {
        await using var room = Room();
        var link = await KeepAsync(room);
        Assert.Equal(Found, await FollowAsync(room, link.Code));
        await room.GetRequiredService<IConnectionMultiplexer>().GetDatabase().KeyDeleteAsync("smscrm:link:" + link.Code);

        var (before, after, never) = await AtTheEndAsync(room, link);

        Assert.Equal((Found, never), (before, after));
        Assert.IsType<LinkOutcome.Nowhere>(never);
    }

    [Fact]
    public async Task A_link_that_ends_while_Redis_alone_has_it_leads_nowhere_from_that_moment_on()
    {
        // By Redis' own clock the link has some minutes yet.
        await using var room = Room();
        var link = await KeepAsync(room);
        var (before, after, never) = await AtTheEndAsync(room, link, forget: true);

        Assert.True(await room.GetRequiredService<IConnectionMultiplexer>().GetDatabase().KeyExistsAsync("smscrm:link:" + link.Code));
        Assert.Equal((Found, never), (before, after));
        Assert.IsType<LinkOutcome.Nowhere>(never);
    }

    [Theory]
    [InlineData("198.51.100.7", "198.51.100.7")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")]
    public async Task Who_follows_more_than_ten_links_within_a_minute_is_no_person_from_the_eleventh_on(string address, string sameOne)
    {
        await using var room = Room();
        var links = await KeepAsync(room, 13);

        for (var i = 0; i < 11; i++)
        {
            await FollowAsync(room, links[i].Code, i % 2 == 0 ? address : sameOne);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        await FollowAsync(room, links[0].Code, address);
        await FollowAsync(room, links[11].Code, "2001:db8:1:3::1");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await FollowAsync(room, links[12].Code, sameOne);

        Assert.Equal(
            [.. Enumerable.Repeat(HitFlags.None, 10), HitFlags.ManyFromAddress, HitFlags.ManyFromAddress, HitFlags.None, HitFlags.None],
            Flags(room));
    }

    [Fact]
    public async Task Ten_links_in_every_minute_are_a_persons()
    {
        await using var room = Room();
        var links = await KeepAsync(room, 31);

        foreach (var link in links)
        {
            await FollowAsync(room, link.Code, "198.51.100.7");
            _clock.Advance(TimeSpan.FromSeconds(6));
        }

        Assert.All(Flags(room), flags => Assert.Equal(HitFlags.None, flags));
    }

    [Fact]
    public async Task Who_follows_one_link_a_hundred_times_in_a_minute_is_a_person()
    {
        await using var room = Room();
        var link = await KeepAsync(room);

        for (var i = 0; i < 100; i++)
        {
            await FollowAsync(room, link.Code, "198.51.100.7");
            _clock.Advance(TimeSpan.FromSeconds(0.5));
        }

        Assert.Equal(Enumerable.Repeat(HitFlags.None, 100), Flags(room));
    }

    [Fact]
    public async Task How_many_links_are_too_many_is_a_setting()
    {
        await using var room = Room(("SmsCrm:Links:CodesPerAddressAndMinute", "2"));

        foreach (var link in await KeepAsync(room, 3))
        {
            await FollowAsync(room, link.Code, "198.51.100.7");
        }

        Assert.Equal([HitFlags.None, HitFlags.None, HitFlags.ManyFromAddress], Flags(room));
    }

    /// <returns>A millisecond before the link's end, at it, and what a code that never was gets.</returns>
    private async Task<(LinkOutcome Before, LinkOutcome After, LinkOutcome Never)> AtTheEndAsync(ServiceProvider room, ShortLink link, bool forget = false)
    {
        _clock.SetUtcNow(link.ExpiresAt - TimeSpan.FromMilliseconds(1));
        var before = await FollowAsync(room, link.Code);
        if (forget)
        {
            room.GetRequiredService<LinkMemory>().Forget(link.Code);
        }

        _clock.SetUtcNow(link.ExpiresAt);
        return (before, await FollowAsync(room, link.Code), await FollowAsync(room, LinkCode.Draw()));
    }

    private ServiceProvider Room(params (string Setting, string Value)[] settings) =>
        LinkRoom.Create(database.ConnectionString, redis.ConnectionString, _clock, settings);

    private async Task<ShortLink> KeepAsync(ServiceProvider room) => (await KeepAsync(room, 1))[0];

    /// <summary>Redis has them, Postgres does not.</summary>
    private async Task<ShortLink[]> KeepAsync(ServiceProvider room, int links)
    {
        var kept = Enumerable.Range(0, links).Select(_ => LinkRoom.NewLink(_clock.GetUtcNow() + Life)).ToArray();
        await room.GetRequiredService<ILinkShelf>().KeepAsync(kept, default);
        return kept;
    }

    private static ValueTask<LinkOutcome> FollowAsync(ServiceProvider room, string code, string? address = null) => room.GetRequiredService<LinkRedirect>().FollowAsync(
        new LinkQuestion(code, "", address is null ? null : IPAddress.Parse(address), HitFlags.None), TestContext.Current.CancellationToken);

    /// <summary>Of the hits so far, in their order.</summary>
    private static IEnumerable<HitFlags> Flags(ServiceProvider room)
    {
        var queue = room.GetRequiredService<LinkHits>().Queue;
        while (queue.TryRead(out var hit))
        {
            yield return hit.Flags;
        }
    }
}
