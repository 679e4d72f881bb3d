using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

public sealed class HalvingTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncDisposable
{
    private readonly LedgerBench _bench = new(database);

    [Fact]
    public async Task Entries_that_cannot_be_written_stand_alone_and_the_rest_is_written()
    {
        var messages = Enumerable.Range(0, 21).Select(_ => _bench.NewMessage()).ToArray();

        // A text that Postgres can't hold, and an id of a day that has no partition.
        messages[3] = messages[3] with { CampaignId = "nul\0" };
        messages[17] = messages[17] with { Id = new MessageId(new Guid("018d0000-0000-7000-8000-000000000001")) };

        var results = await _bench.Ledger.ClaimAsync(
            [.. messages.Select(m => new ClaimEntry(m, RowFacts.NoRow, _bench.Account, _bench.Sender))], new ClaimBatch(Guid.CreateVersion7(), Guid.CreateVersion7()), default);

        Assert.Equal([3, 17], Enumerable.Range(0, 21).Where(i => results[i].Result == TransitionResult.Unusable));
        Assert.All([3, 17], i => Assert.NotEmpty(results[i].Error!));
        Assert.Equal(19, results.Count(r => r.Result == TransitionResult.Won));
        Assert.Equal(19, (await _bench.Ledger.ReadAsync([.. messages.Select(m => m.Id)], default)).Count);
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task What_was_unreadable_gets_a_row_from_its_headers_once()
    {
        var message = _bench.NewMessage();
        UnreadableEntry[] entries = [new(message.Id, message.Tenant, "spring", """{"error":"value is not a RequestRecord"}""")];

        var first = await _bench.Ledger.RejectUnreadableAsync(entries, default);
        var again = await _bench.Ledger.RejectUnreadableAsync(entries, default);

        Assert.Equal([TransitionResult.Won, TransitionResult.AlreadyThere], [first[0].Result, again[0].Result]);
        Assert.Equal(new RowFacts(MessageState.Rejected, 1, 0, Reason.Unreadable, 0), await _bench.RowAsync(message));
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task An_outcome_and_a_word_are_written_without_the_free_text_that_cannot_be()
    {
        var (failed, heard, fine) = (_bench.NewMessage(), _bench.NewMessage(), _bench.NewMessage());
        var claim = await _bench.ClaimAsync(failed, RowFacts.NoRow);
        await _bench.ClaimAsync(heard, RowFacts.NoRow);

        var outcome = await _bench.RecordAsync(failed, claim.Row, new ClaimOutcome.Failed(Reason.ProviderRefused, 21211, "nul\0"));
        var words = await _bench.Ledger.ApplyReceiptsAsync(
            [_bench.Receipt(heard, LedgerBench.NewSid(), "odd\0"), _bench.Receipt(fine, LedgerBench.NewSid(), "sent")], default);

        Assert.Equal((TransitionResult.Won, MessageState.Failed), (outcome.Result, outcome.Row.State));
        Assert.All(words, result => Assert.Equal(TransitionResult.Won, result.Result));
        Assert.Contains((await _bench.EventsAsync(failed)), e => e is { Kind: EventKind.Failed, Detail: null });
        Assert.Contains((await _bench.EventsAsync(heard)), e => e is { Kind: EventKind.OtherWord, Detail: null });
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task Cancelling_an_id_that_no_partition_takes_finds_nothing()
    {
        var fine = _bench.NewMessage();
        var results = await _bench.Ledger.CancelAsync(
            _bench.Tenant, [new MessageId(new Guid("018d0000-0000-7000-8000-000000000001")), fine.Id], Reason.None, default);

        Assert.Equal([TransitionResult.NotFound, TransitionResult.Won], results.Select(r => r.Result));
    }

    [Fact]
    public async Task A_missing_table_is_not_blamed_on_the_entries()
    {
        await using var fixture = new LedgerBench(database);
        await fixture.ScalarAsync<int>("ALTER TABLE count_deltas RENAME TO count_deltas_away");
        try
        {
            await Assert.ThrowsAsync<Npgsql.PostgresException>(() => fixture.ClaimAsync(fixture.NewMessage(), RowFacts.NoRow));
        }
        finally
        {
            await fixture.ScalarAsync<int>("ALTER TABLE count_deltas_away RENAME TO count_deltas");
        }
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
