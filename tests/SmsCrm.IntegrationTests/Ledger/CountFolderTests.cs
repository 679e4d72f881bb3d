using SmsCrm.Pipeline.Ledger;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

public sealed class CountFolderTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncDisposable
{
    private readonly LedgerBench _bench = new(database);

    [Fact]
    public async Task Folding_moves_the_deltas_into_totals_and_changes_no_sum()
    {
        var messages = Enumerable.Range(0, 20).Select(_ => _bench.NewMessage()).ToList();
        await _bench.Ledger.EnqueueAsync(messages, default);
        await _bench.Get<CountFolder>().FoldOnceAsync(default);
        await _bench.ClaimAsync(messages[0], await _bench.RowAsync(messages[0]));
        await _bench.AssertBalancedAsync();

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _bench.Get<CountFolder>().FoldOnceAsync(default)));

        Assert.Equal(0L, await _bench.ScalarAsync<long>("SELECT (SELECT count(*) FROM count_deltas) + (SELECT count(*) FROM event_count_deltas)"));
        Assert.Equal(19L, await _bench.ScalarAsync<long>($"SELECT messages FROM message_counts WHERE tenant_id = '{_bench.Tenant}' AND state = 1"));
        await _bench.AssertBalancedAsync();
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
