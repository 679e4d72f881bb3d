using System.Globalization;
using Npgsql;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Links;

/// <summary>A message is counted once as clicked by a person, in the quarter-hour of the first such click, whoever writes what when.</summary>
public sealed class UniqueClickTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private ClickBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = new ClickBench(await database.CreateAnotherAsync());

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Whoever_clicks_again_is_one_clicker_of_the_first_quarter_hour()
    {
        var (link, other) = (_bench.NewLink(), _bench.NewLink());

        await _bench.WriteAsync(ClickBench.Hit(link), ClickBench.Hit(link, 1), ClickBench.Hit(other, 2));
        await _bench.WriteAsync(ClickBench.Hit(link, 14), ClickBench.Hit(link, 15), ClickBench.Hit(other, 40));

        Assert.Equal("22:00 spring 4 4 2, 22:15 spring 1 1 0, 22:30 spring 1 1 0", await _bench.CountedAsync());
        Assert.Empty(await _bench.VerifyAsync());
    }

    [Fact]
    public async Task Two_links_of_one_message_are_one_clicker()
    {
        var link = _bench.NewLink();

        await _bench.WriteAsync(ClickBench.Hit(link), ClickBench.Hit(link with { Placeholder = "map" }, 1));

        Assert.Equal("22:00 spring 2 2 1", await _bench.CountedAsync());
    }

    [Fact]
    public async Task A_program_is_no_clicker_and_the_person_after_it_is_one()
    {
        var link = _bench.NewLink();

        await _bench.WriteAsync(ClickBench.Hit(link, 0, HitFlags.Agent), ClickBench.Hit(link, 1, HitFlags.OtherCountry), ClickBench.Hit(link, 2, HitFlags.Head));
        await _bench.WriteAsync(ClickBench.Hit(link, 20));

        Assert.Equal("22:00 spring 2 0 0, 22:15 spring 1 1 1", await _bench.CountedAsync());
    }

    [Fact]
    public async Task An_earlier_click_that_is_written_later_moves_the_clicker_to_its_quarter_hour()
    {
        var link = _bench.NewLink();
        await _bench.WriteAsync(ClickBench.Hit(link, 50), ClickBench.Hit(link, 40));
        await _bench.WriteAsync(ClickBench.Hit(link, 20));
        await _bench.WriteAsync(ClickBench.Hit(link, 5), ClickBench.Hit(link, 3));
        await _bench.WriteAsync(ClickBench.Hit(link, 16));

        Assert.Equal("22:00 spring 2 2 1, 22:15 spring 2 2 0, 22:30 spring 1 1 0, 22:45 spring 1 1 0", await _bench.CountedAsync());
        Assert.Empty(await _bench.VerifyAsync());
    }

    [Fact]
    public async Task Two_writers_with_first_clicks_of_the_same_messages_count_each_message_once()
    {
        // In the other order, and both under way: neither has counted yet, since the counts are held.
        var links = Enumerable.Range(0, 5).Select(_ => _bench.NewLink()).ToArray();
        var (early, late) = (links.Select(link => ClickBench.Hit(link, 1)).ToArray(), links.Reverse().Select(link => ClickBench.Hit(link, 31)).ToArray());
        Task<int> first, second;
        await using (var holding = await _bench.Postgres.OpenConnectionAsync())
        {
            await using var transaction = await holding.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE link_counts IN SHARE MODE", holding))
            {
                await hold.ExecuteNonQueryAsync();
            }

            first = _bench.WriteAsync(late);
            await WaitingAsync(1);
            second = _bench.WriteAsync(early);
            await WaitingAsync(2);
            await transaction.CommitAsync();
        }

        Assert.Equal((5, 5), (await first, await second));
        Assert.Equal("22:00 spring 5 5 5, 22:30 spring 5 5 0", await _bench.CountedAsync());
        Assert.Empty(await _bench.VerifyAsync());
    }

    [Fact]
    public async Task The_same_clicks_written_by_several_at_once_and_again_are_counted_once()
    {
        var links = Enumerable.Range(0, 20).Select(_ => _bench.NewLink()).ToArray();
        var hits = links.Concat(links).Select((link, i) => ClickBench.Hit(link, i)).ToArray();

        var written = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _bench.WriteAsync(hits))));
        var again = await _bench.WriteAsync(hits);

        Assert.Equal((40, 0), (written.Sum(), again));
        Assert.Equal("22:00 spring 15 15 15, 22:15 spring 15 15 5, 22:30 spring 10 10 0", await _bench.CountedAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_clicks_come_in_whatever_order_the_counts_are_a_recount_of_them(int seed)
    {
        var random = new Random(seed);
        var links = Enumerable.Range(0, 12).Select(i => _bench.NewLink($"c{i % 3}")).ToArray();
        var batches = Enumerable.Range(0, 40).Select(_ => Draw(random, links, 10)).ToArray();

        await Parallel.ForEachAsync(batches, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (batch, _) => await _bench.WriteAsync(batch));

        Assert.Empty(await _bench.VerifyAsync());
        Assert.Equal("12", await _bench.TextAsync("SELECT sum(clickers)::text FROM link_counts"));
    }

    [Fact]
    public async Task Hits_that_are_removed_leave_their_counts_and_who_clicked_before_is_no_new_clicker()
    {
        await using var bench = new ClickBench(_bench.Postgres.ConnectionString, ("SmsCrm:Links:HitDays", "1"));
        var (old, link) = (_bench.NewLink(), _bench.NewLink());
        await _bench.WriteAsync(ClickBench.Hit(old, -3 * 24 * 60), ClickBench.Hit(link, -3 * 24 * 60, HitFlags.Agent));

        var removed = await bench.Retention.RemoveOnceAsync(default);
        var recent = (TimeProvider.System.GetUtcNow() - ClickBench.Quarter).TotalMinutes - 1;
        await bench.WriteAsync(ClickBench.Hit(old, (int)recent), ClickBench.Hit(link, (int)recent));

        Assert.Equal(2, removed);
        Assert.Equal("2 2 4 3 2", await bench.TextAsync(
            "SELECT (SELECT count(*) FROM link_hits) || ' ' || (SELECT count(*) FROM link_clickers) || ' ' || sum(raw) || ' ' || sum(human) || ' ' || sum(clickers) FROM link_counts"));
        Assert.Empty(await bench.VerifyAsync(daysAgo: 5));
        Assert.Equal((0L, 0L, true), await ReplayedAsync(bench));
    }

    [Fact]
    public async Task Clicked_messages_are_forgotten_when_no_link_and_no_hit_of_theirs_is_left()
    {
        await _bench.ExecuteAsync(
            """
            INSERT INTO link_clickers (message_id, tenant_id, campaign_id, at) VALUES
              (uuid7_floor(now() - interval '802 days'), gen_random_uuid(), '', now() - interval '802 days'),
              (uuid7_floor(now() - interval '800 days 2 hours'), gen_random_uuid(), '', now() - interval '800 days 2 hours')
            """);

        await _bench.Retention.RemoveOnceAsync(default);

        Assert.Equal("800", await _bench.TextAsync("SELECT string_agg(extract(day FROM now() - at)::int::text, ' ') FROM link_clickers"));
    }

    private static async Task<(long Clickers, long Quarters, bool IsCut)> ReplayedAsync(ClickBench bench)
    {
        var report = await bench.ReplayAsync(daysAgo: 5);
        return (report.Clickers, report.Quarters, report.KeptSince is not null);
    }

    internal static LinkHit[] Draw(Random random, ShortLink[] links, int hits) =>
    [
        .. Enumerable.Range(0, hits).Select(_ => ClickBench.Hit(
            links[random.Next(links.Length)],
            TimeSpan.FromMilliseconds(random.Next(2 * 60 * 60 * 1_000)),
            random.Next(3) == 0 ? (HitFlags)(1 << random.Next(7)) : HitFlags.None)),
    ];

    private Task WaitingAsync(long writers) => Eventually.EqualAsync(
        writers.ToString(CultureInfo.InvariantCulture),
        () => _bench.TextAsync("SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"));
}
