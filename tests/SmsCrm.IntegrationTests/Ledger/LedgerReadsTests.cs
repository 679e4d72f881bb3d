using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

public sealed class LedgerReadsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private LedgerBench _bench = null!;

    private ILedgerReads Reads => _bench.Get<ILedgerReads>();

    /// <summary>A database for each test: a visit sees every claim that there is.</summary>
    public async ValueTask InitializeAsync() => _bench = new LedgerBench(await postgres.CreateMigratedDatabaseAsync());

    [Fact]
    public async Task Each_visit_sees_every_claimed_batch_once_and_old_enough()
    {
        var (first, second) = (_bench.NewMessage(), _bench.NewMessage());
        await _bench.ClaimAsync(first, RowFacts.NoRow);
        await _bench.ClaimAsync(second, RowFacts.NoRow);

        var young = await Reads.ReadClaimsAsync(ReconcilerVisit.Unfinished, TimeSpan.FromMinutes(10), 10, default);
        var one = await Reads.ReadClaimsAsync(ReconcilerVisit.Unfinished, TimeSpan.Zero, 1, default);
        await Reads.MarkVisitedAsync(ReconcilerVisit.Unfinished, one[^1].At, default);
        var next = await Reads.ReadClaimsAsync(ReconcilerVisit.Unfinished, TimeSpan.Zero, 10, default);
        await Reads.MarkVisitedAsync(ReconcilerVisit.Unfinished, next[^1].At, default);
        await Reads.MarkVisitedAsync(ReconcilerVisit.Unfinished, one[^1].At, default);
        var rest = await Reads.ReadClaimsAsync(ReconcilerVisit.Unfinished, TimeSpan.Zero, 10, default);
        var otherVisit = await Reads.ReadClaimsAsync(ReconcilerVisit.Unheard, TimeSpan.Zero, 10, default);

        Assert.Empty(young);
        Assert.Equal([first.Id, second.Id], one.Concat(next).SelectMany(batch => batch.Messages));
        Assert.Empty(rest);
        Assert.Equal(2, otherVisit.Count);
    }

    [Fact]
    public async Task Rows_are_read_by_state_with_what_a_look_up_at_the_provider_needs()
    {
        var (claimed, taken) = (_bench.NewMessage(), _bench.NewMessage());
        var sid = LedgerBench.NewSid();
        await _bench.ClaimAsync(claimed, RowFacts.NoRow);
        await _bench.RecordAsync(taken, (await _bench.ClaimAsync(taken, RowFacts.NoRow)).Row, new ClaimOutcome.Taken(sid));

        var rows = await Reads.ReadRowsInAsync([claimed.Id, taken.Id], [MessageState.Taken], default);

        var row = Assert.Single(rows);
        Assert.Equal((taken.Id, taken.Recipient, sid, _bench.Account, _bench.Sender), (row.Id, row.Recipient, row.Sid, row.AccountId, row.SenderId));
        Assert.Equal(await _bench.RowAsync(taken), row.Facts);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
