using SmsCrm.IntegrationTests.Ledger;
using SmsCrm.IntegrationTests.SendPipeline;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Reconciliation;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Reconciliation;

public sealed class UnfinishedClaimsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private LedgerBench _bench = null!;
    private Reconciler _reconciler = null!;

    public async ValueTask InitializeAsync()
    {
        // A database for each test: a visit sees every claim that there is.
        _bench = new LedgerBench(await postgres.CreateMigratedDatabaseAsync());
        _reconciler = new Reconciler(
            _bench.Postgres, _bench.Get<ILedgerReads>(), _bench.Ledger, new FakeProvider(),
            new ReconciliationOptions { ClaimAgeSeconds = 0, UncertainAfterSeconds = 0 });
    }

    private UnfinishedClaims Claims => _reconciler.Claims;

    [Fact]
    public async Task A_claim_that_nobody_finishes_becomes_unknown_and_then_uncertain()
    {
        var message = _bench.NewMessage();
        await _bench.ClaimAsync(message, RowFacts.NoRow);

        await Claims.VisitUnfinishedAsync(default);
        var afterUnfinished = (await _bench.RowAsync(message)).State;
        await Claims.VisitUnresolvedAsync(Later, default);
        var afterUnresolved = (await _bench.RowAsync(message)).State;

        Assert.Equal((MessageState.Unknown, MessageState.Uncertain), (afterUnfinished, afterUnresolved));
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task What_the_worker_finished_is_left_alone()
    {
        var message = _bench.NewMessage();
        var claimed = await _bench.ClaimAsync(message, RowFacts.NoRow);
        await _bench.RecordAsync(message, claimed.Row, new ClaimOutcome.Taken(LedgerBench.NewSid()));

        await Claims.VisitUnfinishedAsync(default);
        await Claims.VisitUnresolvedAsync(Later, default);

        Assert.Equal(MessageState.Taken, (await _bench.RowAsync(message)).State);
    }

    [Fact]
    public async Task An_unknown_outcome_that_was_found_late_still_has_its_time_for_a_word_to_come()
    {
        var message = _bench.NewMessage();
        await _bench.ClaimAsync(message, RowFacts.NoRow);
        await Claims.VisitUnfinishedAsync(default);

        var visited = await Claims.VisitUnresolvedAsync(DateTimeOffset.UnixEpoch, default);

        Assert.Equal(0, visited);
        Assert.Equal(MessageState.Unknown, (await _bench.RowAsync(message)).State);
    }

    [Fact]
    public async Task A_callback_that_comes_after_all_sets_an_uncertain_message_right()
    {
        var message = _bench.NewMessage();
        await _bench.ClaimAsync(message, RowFacts.NoRow);
        await Claims.VisitUnfinishedAsync(default);
        await Claims.VisitUnresolvedAsync(Later, default);

        await _bench.HearAsync(message, LedgerBench.NewSid(), "delivered");

        Assert.Equal(MessageState.Delivered, (await _bench.RowAsync(message)).State);
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task The_next_attempt_of_a_released_message_is_judged_by_its_own_claim()
    {
        var message = _bench.NewMessage();
        var first = await _bench.ClaimAsync(message, RowFacts.NoRow);
        var released = await _bench.RecordAsync(
            message, first.Row, new ClaimOutcome.TryAgain(Reason.Released, 0, "never begun", DateTimeOffset.UnixEpoch, _bench.Sender));
        var firstBatch = (await _bench.Get<ILedgerReads>().ReadClaimsAsync(ReconcilerVisit.Unfinished, TimeSpan.Zero, 10, default)).Single();
        await _bench.Get<ILedgerReads>().MarkVisitedAsync(ReconcilerVisit.Unfinished, firstBatch.At, default);
        await _bench.ClaimAsync(message, released.Row);

        var visited = await Claims.VisitUnresolvedAsync(Later, default);

        Assert.Equal(1, visited);
        Assert.Equal(MessageState.Claimed, (await _bench.RowAsync(message)).State);
    }

    private static DateTimeOffset Later => TimeProvider.System.GetUtcNow().AddHours(1);

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        await _reconciler.DisposeAsync();
    }
}
