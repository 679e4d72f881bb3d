using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

public sealed class SendKeyTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncDisposable
{
    private readonly LedgerBench _bench = new(database);

    [Fact]
    public async Task A_key_is_forgotten_when_its_time_is_over_and_not_before()
    {
        await using var bench = new LedgerBench(await database.CreateAnotherAsync());
        await bench.ClaimAsync(bench.NewMessage("old"), RowFacts.NoRow);
        await bench.ClaimAsync(bench.NewMessage("young"), RowFacts.NoRow);
        await bench.ScalarAsync<int>("UPDATE send_keys SET created_at = now() - interval '8 days' WHERE key = 'old'");
        using var retention = new SendKeyRetentionLoop(
            bench.Postgres, TimeSpan.FromDays(7), TimeProvider.System, NullLogger<SendKeyRetentionLoop>.Instance);

        var forgotten = await retention.RemoveOnceAsync(default);

        Assert.Equal(1, forgotten);
        Assert.Equal("young", await bench.ScalarAsync<string>("SELECT key FROM send_keys"));
    }

    [Fact]
    public async Task Another_message_with_the_key_is_rejected_as_a_duplicate_of_the_first_whoever_writes_its_row()
    {
        var (first, claimed, enqueued) = (_bench.NewMessage("order-1"), _bench.NewMessage("order-1"), _bench.NewMessage("order-1"));
        await _bench.ClaimAsync(first, RowFacts.NoRow);

        var claim = await _bench.ClaimAsync(claimed, RowFacts.NoRow);
        var queue = (await _bench.Ledger.EnqueueAsync([enqueued], default)).Single();
        var again = (await _bench.Ledger.EnqueueAsync([enqueued], default)).Single();

        Assert.All([claim, queue, again], result =>
        {
            Assert.Equal(TransitionResult.DuplicateOfFirst, result.Result);
            Assert.Equal(first.Id, result.FirstId);
            Assert.Equal(first.RequestHash, result.FirstHash);
        });
        Assert.Equal(new RowFacts(MessageState.Rejected, 1, 0, Reason.DuplicateOfFirst, 0), await _bench.RowAsync(claimed));
        var told = Assert.Single(await _bench.EventsAsync(claimed));
        Assert.Equal(EventKind.Rejected, told.Kind);
        Assert.Contains(first.Id.ToString(), told.Detail!, StringComparison.Ordinal);
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task Of_two_in_one_batch_one_has_the_key()
    {
        var (first, second, other) = (_bench.NewMessage("order-2"), _bench.NewMessage("order-2"), _bench.NewMessage());

        var results = await _bench.Ledger.ClaimAsync(
            [.. new[] { second, other, first }.Select(m => new ClaimEntry(m, RowFacts.NoRow, _bench.Account, _bench.Sender))],
            new ClaimBatch(Guid.CreateVersion7(), Guid.CreateVersion7()), default);

        Assert.Equal([TransitionResult.Won, TransitionResult.Won, TransitionResult.DuplicateOfFirst], results.Select(r => r.Result).Order());
        Assert.Equal(TransitionResult.Won, results[1].Result);
        Assert.Equal(1, results.Count(r => r.Result == TransitionResult.Won && r.Id != other.Id));
    }

    [Fact]
    public async Task A_twin_that_is_not_committed_yet_is_waited_for()
    {
        var (first, second) = (_bench.NewMessage("order-3"), _bench.NewMessage("order-3"));
        await using var connection = await _bench.OpenSessionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var take = new NpgsqlCommand(
            $"INSERT INTO send_keys VALUES ('{first.Tenant}', 'order-3', '{first.Id}', 'hash')", connection))
        {
            await take.ExecuteNonQueryAsync();
        }

        var waiting = _bench.ClaimAsync(second, RowFacts.NoRow);
        await Eventually.TrueAsync(() => IsSomebodyBlockedAsync(connection));
        var waited = !waiting.IsCompleted;
        await transaction.CommitAsync();

        Assert.True(waited);
        Assert.Equal((TransitionResult.DuplicateOfFirst, first.Id), ((await waiting).Result, (await waiting).FirstId));
    }

    [Fact]
    public async Task A_key_is_its_tenants_own()
    {
        var mine = _bench.NewMessage("order-4");
        var theirs = _bench.NewMessage("order-4") with { Tenant = new TenantId(Guid.CreateVersion7()) };

        var results = new[] { await _bench.ClaimAsync(mine, RowFacts.NoRow), await _bench.ClaimAsync(theirs, RowFacts.NoRow) };

        Assert.All(results, result => Assert.Equal(TransitionResult.Won, result.Result));
    }

    private static async Task<bool> IsSomebodyBlockedAsync(NpgsqlConnection blocker)
    {
        await using var command = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))", blocker);
        return await command.ExecuteScalarAsync() is true;
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
