using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Storage;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

public sealed class CountReplayTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    /// <summary>Of the test's beginning: midnight may pass while it runs.</summary>
    private readonly DateOnly _yesterday = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1));
    private LedgerBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = new LedgerBench(await database.CreateAnotherAsync());

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_happened_to_messages_a_recount_of_their_events_finds_the_counts_right(int seed)
    {
        await HappenAsync(new Random(seed), messages: 40);
        await _bench.Get<CountFolder>().FoldOnceAsync(default);
        await HappenAsync(new Random(seed + 100), messages: 10);

        Assert.Equal(default, await ReplayAsync());
        await _bench.AssertBalancedAsync();
    }

    [Theory]
    [InlineData("UPDATE message_counts SET messages = messages + 7, segments = segments - 1, micros = micros + 5", 1, 0, 0)]
    [InlineData("DELETE FROM message_counts", 1, 0, 0)]
    [InlineData("INSERT INTO message_counts SELECT tenant_id, day, 'nobody''s', 8, 0, 0, 5, 5, 5 FROM message_counts LIMIT 1", 1, 0, 0)]
    [InlineData("UPDATE count_deltas SET messages = messages * 2", 1, 0, 0)]
    [InlineData("UPDATE sender_counts SET sent = sent + 1, micros = 0", 0, 1, 0)]
    [InlineData("DELETE FROM sender_count_deltas", 0, 1, 0)]
    [InlineData("INSERT INTO sender_counts SELECT tenant_id, day, sender_id, 'ZZ', 1, 1, 0, 0, 0, 1, 1 FROM sender_counts LIMIT 1", 0, 1, 0)]
    [InlineData("UPDATE event_quarters SET accepted = 0, taken = taken + 1", 0, 0, 1)]
    [InlineData("INSERT INTO event_quarters (tenant_id, quarter, no_receipt) SELECT tenant_id, quarter - interval '1 hour', 3 FROM event_quarters LIMIT 1", 0, 0, 1)]
    public async Task Counts_that_were_corrupted_equal_a_recount_again(string corruption, int campaigns, int senders, int quarters)
    {
        await HappenAsync(new Random(7), messages: 40);
        await _bench.Get<CountFolder>().FoldOnceAsync(default);
        await HappenAsync(new Random(8), messages: 40);
        await using var corrupt = _bench.Postgres.CreateCommand(corruption);
        Assert.NotEqual(0, await corrupt.ExecuteNonQueryAsync());

        var report = await ReplayAsync();

        Assert.Equal((campaigns, senders, quarters), (Math.Sign(report.Campaigns), Math.Sign(report.Senders), Math.Sign(report.Quarters)));
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task While_messages_change_and_counts_are_folded_nothing_is_lost_or_told_twice()
    {
        await HappenAsync(new Random(1), messages: 20);
        await using (var corrupt = _bench.Postgres.CreateCommand("UPDATE count_deltas SET messages = messages + 1; UPDATE event_count_deltas SET events = 9; DELETE FROM sender_count_deltas"))
        {
            await corrupt.ExecuteNonQueryAsync();
        }

        using var done = new CancellationTokenSource();
        var happening = Enumerable.Range(2, 3).Select(seed => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await HappenAsync(new Random(seed), messages: 3);
            }
        })).ToArray();
        var folding = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await _bench.Get<CountFolder>().FoldOnceAsync(default);
            }
        });

        for (var i = 0; i < 5; i++)
        {
            await ReplayAsync();
        }

        await done.CancelAsync();
        await Task.WhenAll([.. happening, folding]);
        await _bench.AssertBalancedAsync();
        Assert.Equal(default, await ReplayAsync());
    }

    [Fact]
    public async Task A_recount_takes_the_time_that_it_needs_whatever_the_deadline_of_other_commands()
    {
        await HappenAsync(new Random(9), messages: 5);
        await using var holding = await _bench.Get<PostgresConnections>().OpenSessionAsync(default);
        await using var hold = new NpgsqlCommand("BEGIN; LOCK TABLE message_events IN ACCESS EXCLUSIVE MODE", holding);
        await hold.ExecuteNonQueryAsync();
        var storage = new StorageOptions { Postgres = _bench.Postgres.ConnectionString, CommandTimeoutSeconds = 1 };

        var replay = new CountReplay(new PostgresConnections(Options.Create(storage))).RunAsync(_yesterday, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(async () => replay.IsCompleted || await _bench.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY (%' AND clock_timestamp() - query_start > interval '2 s')"));
        await using var release = new NpgsqlCommand("ROLLBACK", holding);
        await release.ExecuteNonQueryAsync();

        Assert.Equal(default, await replay);
    }

    [Fact]
    public async Task Days_before_are_left_as_they_are()
    {
        await _bench.ScalarAsync<int>($"INSERT INTO message_counts VALUES ('{_bench.Tenant}', '2020-01-01', 'old', 8, 0, 0, 5, 5, 5)");

        Assert.Equal(default, await ReplayAsync());

        Assert.Equal(5L, await _bench.ScalarAsync<long>("SELECT messages FROM message_counts WHERE campaign_id = 'old'"));
    }

    [Fact]
    public async Task A_day_of_which_something_was_dropped_is_refused_naming_the_first_that_is_kept()
    {
        await _bench.ScalarAsync<int>("UPDATE ledger_floor SET floor = uuid7_floor('2025-02-03T00:00Z')");

        var refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _bench.Get<CountReplay>().RunAsync(new DateOnly(2025, 2, 3), default));

        Assert.StartsWith("2025-02-03: messages and events are kept since 2025-02-04; begin there", refused.Message, StringComparison.Ordinal);
        await _bench.Get<CountReplay>().RunAsync(new DateOnly(2025, 2, 4), default);
    }

    private Task<CountReplayReport> ReplayAsync() => _bench.Get<CountReplay>().RunAsync(_yesterday, TestContext.Current.CancellationToken);

    private async Task HappenAsync(Random random, int messages)
    {
        // What is drawn asks for the current message, which only one at a time can be.
        var steps = new LedgerSteps(_bench);
        for (var i = 0; i < messages; i++)
        {
            _bench.DaysAhead = random.Next(-1, 2);
            var message = _bench.NewMessage(campaign: $"c{random.Next(3)}", segments: (short)random.Next(1, 4));
            for (var step = 0; step < 12; step++)
            {
                await steps.Draw(random).Run(message, await _bench.RowAsync(message));
            }
        }
    }
}
