using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
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

    [Fact]
    public async Task One_that_enters_a_state_as_another_one_leaves_it_takes_its_own_segments_along()
    {
        var (small, large) = (_bench.NewMessage(segments: 1), _bench.NewMessage(segments: 3));
        var (smallSid, largeSid) = (LedgerBench.NewSid(), LedgerBench.NewSid());
        foreach (var (message, sid) in new[] { (small, smallSid), (large, largeSid) })
        {
            await _bench.RecordAsync(message, (await _bench.ClaimAsync(message, RowFacts.NoRow)).Row, new ClaimOutcome.Taken(sid));
        }

        await _bench.HearAsync(large, largeSid, "sent");

        await _bench.Ledger.ApplyReceiptsAsync([_bench.Receipt(small, smallSid, "sent"), _bench.Receipt(large, largeSid, "delivered")], default);

        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task What_was_sent_is_counted_by_sender_and_country_with_its_cost()
    {
        var (delivered, refused) = (_bench.NewMessage(campaign: "by sender"), _bench.NewMessage(campaign: "by sender"));
        var sid = LedgerBench.NewSid();
        await _bench.RecordAsync(delivered, (await _bench.ClaimAsync(delivered, RowFacts.NoRow)).Row, new ClaimOutcome.Taken(sid));
        await _bench.HearAsync(delivered, sid, "delivered");
        await _bench.RecordAsync(refused, (await _bench.ClaimAsync(refused, RowFacts.NoRow)).Row, new ClaimOutcome.Failed(Reason.ProviderRefused, 21211, "{}"));

        while (await _bench.Get<CountFolder>().FoldOnceAsync(default))
        {
        }

        Assert.Equal(
            "1 1 0 1 0 2 16600",
            await _bench.ScalarAsync<string>(
                $"""
                SELECT concat_ws(' ', sent, delivered, undelivered, failed, uncertain, segments, micros) FROM sender_counts
                WHERE tenant_id = '{_bench.Tenant}' AND sender_id = '{_bench.Sender}' AND country = 'US'
                """));
        Assert.Equal(16_600L, await _bench.ScalarAsync<long>(
            $"SELECT sum(micros)::bigint FROM message_counts WHERE tenant_id = '{_bench.Tenant}' AND campaign_id = 'by sender'"));
        await _bench.AssertBalancedAsync();
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
