using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Links;

/// <summary>Clicks before a text's delivery, and within 3 s of it, are programs', whether the delivery was heard of before or after them.</summary>
public sealed class SoonHitTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private string _database = "";
    private ClickBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = new ClickBench(_database = await database.CreateAnotherAsync());

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_click_before_its_text_is_said_to_be_delivered_is_no_persons_from_then_on()
    {
        var link = _bench.NewLink();
        await _bench.WriteAsync(ClickBench.Hit(link));
        var before = await _bench.CountedAsync();
        await _bench.DeliverAsync(link, TimeSpan.FromSeconds(3.35));

        var flagged = (await _bench.JudgeAsync(), await _bench.JudgeAsync());

        Assert.Equal((1, 0), flagged);
        Assert.Equal(("22:00 spring 1 1 1", "22:00 spring 1 0 0", "8"), (before, await _bench.CountedAsync(), await _bench.FlagsAsync(link)));
        Assert.Equal("0", await _bench.TextAsync("SELECT count(*)::text FROM link_clickers"));
        Assert.Empty(await FaultsAsync());
        Assert.Equal(default, await _bench.ReplayAsync());
    }

    [Theory]
    [InlineData(-60_000, "8")]
    [InlineData(-60_001, "0")]
    [InlineData(0, "8")]
    [InlineData(2_999, "8")]
    [InlineData(3_000, "0")]
    [InlineData(50 * 60_000, "0")]
    public async Task A_click_is_judged_alike_whichever_is_written_first_it_or_its_texts_delivery(int afterDeliveryMs, string flags)
    {
        var (delivered, clicked) = (2 * Minute, (2 * Minute) + TimeSpan.FromMilliseconds(afterDeliveryMs));
        var (first, second) = (_bench.NewLink(), _bench.NewLink());
        await _bench.DeliverAsync(first, delivered);
        await _bench.WriteAsync(ClickBench.Hit(first, clicked), ClickBench.Hit(second, clicked));
        await _bench.DeliverAsync(second, delivered);

        await _bench.JudgeAsync();

        Assert.Equal((flags, flags), (await _bench.FlagsAsync(first), await _bench.FlagsAsync(second)));
        Assert.Empty(await FaultsAsync());
    }

    [Theory]
    [InlineData(-60, -1, "8")]
    [InlineData(-1, -60, "0")]
    public async Task Where_the_delivery_is_known_it_counts_and_not_the_hand_over(int claimedAt, int deliveredAt, string flags)
    {
        var link = _bench.NewLink();
        await _bench.ClaimAsync(link, TimeSpan.FromSeconds(claimedAt));
        await _bench.DeliverAsync(link, TimeSpan.FromSeconds(deliveredAt));

        await _bench.WriteAsync(ClickBench.Hit(link));
        await _bench.JudgeAsync(-Minute);

        Assert.Equal(flags, await _bench.FlagsAsync(link));
    }

    [Fact]
    public async Task The_person_after_the_program_is_the_first_then()
    {
        var (link, other) = (_bench.NewLink(), _bench.NewLink());
        await _bench.WriteAsync(ClickBench.Hit(link), ClickBench.Hit(link, 31), ClickBench.Hit(link, 20), ClickBench.Hit(other, 1));
        await _bench.DeliverAsync(link, TimeSpan.FromSeconds(5));

        await _bench.JudgeAsync();

        Assert.Equal("22:00 spring 2 1 1, 22:15 spring 1 1 1, 22:30 spring 1 1 0", await _bench.CountedAsync());
        Assert.Empty(await FaultsAsync());
    }

    [Fact]
    public async Task A_first_click_that_is_none_of_the_programs_stays_the_first()
    {
        var link = _bench.NewLink();
        await _bench.WriteAsync(ClickBench.Hit(link), ClickBench.Hit(link, 16));
        await _bench.DeliverAsync(link, 16 * Minute);

        await _bench.JudgeAsync();

        Assert.Equal("22:00 spring 1 1 1, 22:15 spring 1 0 0", await _bench.CountedAsync());
        Assert.Empty(await FaultsAsync());
    }

    [Fact]
    public async Task Several_clicks_of_one_moment_are_taken_off_once_each()
    {
        var link = _bench.NewLink();
        await _bench.WriteAsync(ClickBench.Hit(link), ClickBench.Hit(link with { Placeholder = "map" }), ClickBench.Hit(link, 0, HitFlags.Agent), ClickBench.Hit(link, 0, HitFlags.Head));
        await _bench.DeliverAsync(link, TimeSpan.FromSeconds(1));

        Assert.Equal(2, await _bench.JudgeAsync());
        Assert.Equal("22:00 spring 3 0 0", await _bench.CountedAsync());
        Assert.Equal("1,2,8,8", await _bench.TextAsync("SELECT string_agg(flags::text, ',' ORDER BY flags) FROM link_hits"));
        Assert.Empty(await FaultsAsync());
    }

    [Fact]
    public async Task More_than_a_statement_looks_at_are_all_judged()
    {
        var links = Enumerable.Range(0, SoonHitSql.AtOnce + 5).Select(_ => _bench.NewLink()).ToArray();
        await _bench.WriteAsync([.. links.Select((link, i) => ClickBench.Hit(link, TimeSpan.FromMilliseconds(i)))]);
        await _bench.DeliverAsync(links[3], TimeSpan.FromSeconds(1));
        await _bench.DeliverAsync(links[SoonHitSql.AtOnce - 1], TimeSpan.FromSeconds(1));
        await _bench.DeliverAsync(links[^1], TimeSpan.FromSeconds(1));

        Assert.Equal(3, await _bench.JudgeAsync());
        Assert.Equal("22:00 spring 1005 1002 1002", await _bench.CountedAsync());
    }

    [Fact]
    public async Task Two_processes_that_judge_at_once_count_once()
    {
        await using var another = new ClickBench(_database);
        var links = Enumerable.Range(0, 40).Select(_ => _bench.NewLink()).ToArray();
        await _bench.WriteAsync([.. links.Select(link => ClickBench.Hit(link)), .. links.Select(link => ClickBench.Hit(link, 20))]);
        foreach (var link in links)
        {
            await _bench.DeliverAsync(link, TimeSpan.FromSeconds(1));
        }

        var flagged = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => (i % 2 == 0 ? _bench : another).JudgeAsync())));

        Assert.Equal(40, flagged.Sum());
        Assert.Equal("22:00 spring 40 0 0, 22:15 spring 40 40 40", await _bench.CountedAsync());
        Assert.Empty(await FaultsAsync());
    }

    [Fact]
    public async Task A_persons_click_that_is_under_way_meanwhile_is_the_first_then()
    {
        // The writer has the message's row and has not counted yet, since the counts are held; the judge waits for that row.
        var link = _bench.NewLink();
        await _bench.WriteAsync(ClickBench.Hit(link));
        await _bench.DeliverAsync(link, TimeSpan.FromSeconds(1));
        Task<int> writing, judging;
        await using (var holding = await _bench.Postgres.OpenConnectionAsync())
        {
            await using var transaction = await holding.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE link_counts IN SHARE MODE", holding))
            {
                await hold.ExecuteNonQueryAsync();
            }

            writing = _bench.WriteAsync(ClickBench.Hit(link, 20));
            await WaitingAsync(1);
            judging = _bench.JudgeAsync();
            await WaitingAsync(2);
            await transaction.CommitAsync();
        }

        Assert.Equal((1, 1), (await writing, await judging));
        Assert.Equal("22:00 spring 1 0 0, 22:15 spring 1 1 1", await _bench.CountedAsync());
        Assert.Empty(await FaultsAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whatever_is_written_delivered_judged_and_counted_again_at_once_the_counts_are_a_recount(int seed)
    {
        var random = new Random(seed);
        var links = Enumerable.Range(0, 12).Select(i => _bench.NewLink($"c{i % 3}")).ToArray();
        var batches = Enumerable.Range(0, 40).Select(_ => UniqueClickTests.Draw(random, links, 10)).ToArray();
        using var done = new CancellationTokenSource();
        Task Repeat(Func<Task> what) => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await what();
            }
        });
        Task[] meanwhile = [Repeat(() => _bench.JudgeAsync()), Repeat(() => _bench.JudgeAsync(Minute)), Repeat(() => _bench.ReplayAsync())];

        await Parallel.ForEachAsync(batches, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (batch, _) =>
        {
            await _bench.WriteAsync(batch);

            // Of the message of one of its clicks a delivery is heard of.
            await _bench.DeliverAsync(batch[0].Link, batch[0].At - ClickBench.Quarter + TimeSpan.FromSeconds(1));
        });
        await done.CancelAsync();
        await Task.WhenAll(meanwhile);
        await _bench.JudgeAsync();

        Assert.Empty(await FaultsAsync());
        Assert.NotEqual("0", await _bench.TextAsync("SELECT count(*)::text FROM link_hits WHERE flags = 8"));
        Assert.Equal("0", await _bench.TextAsync(
            """
            SELECT count(*)::text FROM link_hits h CROSS JOIN LATERAL (
              SELECT min(at) AS at FROM message_events e WHERE e.message_id = h.message_id AND kind = 8 AND e.at <= h.at + interval '60 s') d
            WHERE h.flags = 0 AND h.at < d.at + interval '3 s'
            """));
    }

    [Fact]
    public async Task Every_ten_seconds_the_last_hits_are_looked_at_and_what_failed_rounds_left_is_made_up_for()
    {
        var (clock, complaints) = (new FakeTimeProvider(ClickBench.Quarter + Minute), new Complaints());
        var (link, late, old) = (_bench.NewLink(), _bench.NewLink(), _bench.NewLink());
        await _bench.WriteAsync(ClickBench.Hit(link, Minute), ClickBench.Hit(late, Minute), ClickBench.Hit(old, -80));
        await _bench.DeliverAsync(old, -80 * Minute);
        await _bench.ExecuteAsync("ALTER TABLE link_hits RENAME TO away");
        using var loop = new SoonHitsLoop(_bench.SoonHits, Options.Create(new LinksOptions()), clock, complaints);
        await loop.StartAsync(default);
        await RoundsAsync(() => complaints.Count > 0);

        // Long enough for the hits to be out of sight, had these rounds been any good.
        clock.Advance(3 * Minute);
        var told = complaints.Count;
        await RoundsAsync(() => complaints.Count > told + 1);
        await _bench.ExecuteAsync("ALTER TABLE away RENAME TO link_hits");
        await _bench.DeliverAsync(link, Minute + TimeSpan.FromSeconds(2));
        await _bench.DeliverAsync(late, (2 * Minute) + TimeSpan.FromSeconds(1));

        await Eventually.TrueAsync(async () =>
        {
            clock.Advance(SoonHitsLoop.Round);
            return await _bench.FlagsAsync(link) == "8";
        });
        await loop.StopAsync(default);

        // A receipt that was late; and a hit from before whatever may have been left.
        Assert.Equal(("0", "0"), (await _bench.FlagsAsync(late), await _bench.FlagsAsync(old)));
        Assert.Equal(1, await _bench.JudgeAsync(-80 * Minute));

        Task RoundsAsync(Func<bool> enough) => Eventually.TrueAsync(() =>
        {
            clock.Advance(SoonHitsLoop.Round);
            return enough();
        });
    }

    [Fact]
    public async Task Where_nothing_is_too_soon_nothing_is_judged()
    {
        await using var bench = new ClickBench(_database, ("SmsCrm:Links:TooSoonSeconds", "0"));
        var (first, second) = (bench.NewLink(), bench.NewLink());
        await bench.DeliverAsync(first, TimeSpan.FromSeconds(1));
        await bench.WriteAsync(ClickBench.Hit(first), ClickBench.Hit(second));
        await bench.DeliverAsync(second, TimeSpan.FromSeconds(1));

        Assert.Equal(0, await bench.JudgeAsync());
        Assert.Equal(("0", "0"), (await bench.FlagsAsync(first), await bench.FlagsAsync(second)));
    }

    [Fact]
    public async Task A_look_costs_what_is_new_and_not_what_is_kept()
    {
        await using var session = new NpgsqlConnection(_database);
        await session.OpenAsync();
        await using (var prepare = new NpgsqlCommand(
            $"BEGIN; {LedgerSql.LookUpOneByOne}; SET LOCAL plan_cache_mode = force_generic_plan; PREPARE page (interval, interval, uuid, timestamptz) AS {SoonHitSql.Page}", session))
        {
            await prepare.ExecuteNonQueryAsync();
        }

        await using var explain = new NpgsqlCommand("EXPLAIN EXECUTE page ('3 s', '60 s', '00000000-0000-0000-0000-000000000000', '2026-01-01')", session);
        await using var reader = await explain.ExecuteReaderAsync();
        var plan = new List<string>();
        while (await reader.ReadAsync())
        {
            plan.Add(reader.GetString(0));
        }

        Assert.Contains(plan, line => line.Contains("Index Scan using link_hits_pkey on link_hits", StringComparison.Ordinal));
        Assert.Contains(plan, line => line.Contains("Index Cond: (id > GREATEST(", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, line => line.Contains("Seq Scan", StringComparison.Ordinal));
    }

    private Task WaitingAsync(long waiting) => Eventually.EqualAsync(
        waiting.ToString(CultureInfo.InvariantCulture),
        () => _bench.TextAsync("SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"));

    /// <summary>What verify says of clicks; the rest of the ledger is not written here.</summary>
    private async Task<IEnumerable<string>> FaultsAsync() =>
        (await _bench.VerifyAsync()).Where(static fault => fault.StartsWith("click", StringComparison.Ordinal));

    private sealed class Complaints : ILogger<SoonHitsLoop>
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Interlocked.Increment(ref _count);
    }
}
