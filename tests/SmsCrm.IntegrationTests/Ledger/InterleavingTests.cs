using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

/// <summary>Orders of events that broke earlier drafts of the design, each forced and not hoped for.</summary>
public sealed class InterleavingTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private LedgerBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = new LedgerBench(await database.CreateAnotherAsync());

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_stalled_copy_of_a_released_message_claims_nothing_once_another_copy_was_deferred_anew()
    {
        var message = _bench.NewMessage();
        var claimed = await _bench.ClaimAsync(message, RowFacts.NoRow);
        var released = await _bench.RecordAsync(message, claimed.Row, new ClaimOutcome.TryAgain(Reason.Released, 0, "{}", DateTimeOffset.UnixEpoch, _bench.Sender));
        var anew = await _bench.DeferAsync(message, released.Row);

        var stalled = await _bench.ClaimAsync(message, released.Row);
        var fromKafka = await _bench.ClaimAsync(message, RowFacts.NoRow);

        Assert.Equal(TransitionResult.Won, anew.Result);
        Assert.Equal((TransitionResult.Lost, TransitionResult.Lost), (stalled.Result, fromKafka.Result));
        Assert.Equal(1L, await _bench.ScalarAsync<long>("SELECT count(*) FROM waiting"));
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task While_the_recorders_insert_is_being_committed_a_claim_waits_for_it_and_the_counts_stay_exact()
    {
        var message = _bench.NewMessage();

        var (recorded, claimed) = await InTurnAsync(
            async () => (await _bench.Ledger.EnqueueAsync([message], default)).Single(), () => _bench.ClaimAsync(message, RowFacts.NoRow));

        Assert.Equal((TransitionResult.Won, TransitionResult.Lost), (recorded.Result, claimed.Result));
        Assert.Equal(MessageState.Queued, (await _bench.RowAsync(message)).State);
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task While_a_deferral_is_being_committed_a_claim_waits_for_the_row_and_the_counts_stay_exact()
    {
        var message = _bench.NewMessage();
        await _bench.Ledger.EnqueueAsync([message], default);
        var seen = await _bench.RowAsync(message);

        var (deferred, claimed) = await InTurnAsync(() => _bench.DeferAsync(message, seen), () => _bench.ClaimAsync(message, seen));

        Assert.Equal((TransitionResult.Won, TransitionResult.Lost), (deferred.Result, claimed.Result));
        Assert.Equal(1L, await _bench.ScalarAsync<long>("SELECT count(*) FROM waiting"));
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task Two_statuses_of_one_message_in_one_batch_are_both_told_and_the_higher_one_stays()
    {
        var message = _bench.NewMessage();
        var sid = LedgerBench.NewSid();
        await _bench.RecordAsync(message, (await _bench.ClaimAsync(message, RowFacts.NoRow)).Row, new ClaimOutcome.Taken(sid));

        await _bench.Ledger.ApplyReceiptsAsync([_bench.Receipt(message, sid, "delivered"), _bench.Receipt(message, sid, "sent")], default);

        Assert.Equal(MessageState.Delivered, (await _bench.RowAsync(message)).State);
        Assert.Equal(
            [EventKind.Claimed, EventKind.Taken, EventKind.Delivered, EventKind.Sent], (await _bench.EventsAsync(message)).Select(told => told.Kind));
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task A_claim_whose_COMMIT_was_answered_to_nobody_is_won_by_nobody_and_found_by_the_reconciler()
    {
        var message = _bench.NewMessage();
        await using var cut = new CutBench(_bench);
        await cut.Bench.ClaimAsync(_bench.NewMessage(), RowFacts.NoRow);

        cut.Proxy.CutNextAnswer();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => cut.Bench.ClaimAsync(message, RowFacts.NoRow));
        await Eventually.EqualAsync(MessageState.Claimed, async () => (await _bench.RowAsync(message)).State);
        var again = await cut.Bench.ClaimAsync(message, RowFacts.NoRow);

        Assert.Equal(TransitionResult.Lost, again.Result);
        Assert.Equal(1, (await _bench.RowAsync(message)).Attempt);
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task An_outcome_whose_COMMIT_was_answered_to_nobody_is_recorded_once_however_often_it_is_tried()
    {
        var message = _bench.NewMessage();
        await using var cut = new CutBench(_bench);
        var claimed = await cut.Bench.ClaimAsync(message, RowFacts.NoRow);
        var taken = new ClaimOutcome.Taken(LedgerBench.NewSid());

        cut.Proxy.CutNextAnswer();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => cut.Bench.RecordAsync(message, claimed.Row, taken));
        await Eventually.EqualAsync(MessageState.Taken, async () => (await _bench.RowAsync(message)).State);
        var again = await cut.Bench.RecordAsync(message, claimed.Row, taken);

        Assert.Equal(TransitionResult.AlreadyThere, again.Result);
        Assert.Equal([EventKind.Claimed, EventKind.Taken], (await _bench.EventsAsync(message)).Select(told => told.Kind));
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task A_worker_that_was_stopped_and_then_proves_that_it_never_started_lets_the_message_go_again()
    {
        var message = _bench.NewMessage();
        var claimed = await _bench.ClaimAsync(message, RowFacts.NoRow);
        await _bench.Ledger.MarkUnknownAsync([(message.Id, claimed.Row)], "{}", default);

        var proof = await _bench.RecordAsync(message, claimed.Row, new ClaimOutcome.TryAgain(Reason.Released, 0, "{}", DateTimeOffset.UnixEpoch, _bench.Sender));
        var next = await _bench.ClaimAsync(message, proof.Row);

        Assert.Equal((MessageState.Deferred, Reason.Released), (proof.Row.State, proof.Row.Reason));
        Assert.Equal(2, next.Row.Attempt);
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task Proof_that_comes_after_the_message_ended_as_uncertain_changes_nothing_more()
    {
        var message = _bench.NewMessage();
        var claimed = await _bench.ClaimAsync(message, RowFacts.NoRow);
        await _bench.Ledger.MarkUnknownAsync([(message.Id, claimed.Row)], "{}", default);
        await _bench.Ledger.MarkUncertainAsync([(message.Id, await _bench.RowAsync(message))], "{}", default);

        await _bench.RecordAsync(message, claimed.Row, new ClaimOutcome.TryAgain(Reason.Released, 0, "{}", DateTimeOffset.UnixEpoch, _bench.Sender));

        Assert.Equal(MessageState.Uncertain, (await _bench.RowAsync(message)).State);
        await _bench.AssertBalancedAsync();
    }

    /// <summary>The first has written its row and waits for the counts, which an open session has; the second waits for the first.</summary>
    private async Task<(EntryResult First, EntryResult Second)> InTurnAsync(Func<Task<EntryResult>> first, Func<Task<EntryResult>> second)
    {
        // A deferred trigger runs when everything is written and the commit begins: there the first one stands still.
        await ExecuteAsync("""
            CREATE OR REPLACE FUNCTION hold_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7411); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER hold_commit AFTER INSERT ON count_deltas DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold_commit();
            """);
        await using var connection = await _bench.OpenSessionAsync();
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock(7411)", connection);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var writing = first();
        await WaitingForALockAsync(1);
        var waiting = second();
        await WaitingForALockAsync(2);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        var results = (await writing, await waiting);
        await ExecuteAsync("DROP TRIGGER hold_commit ON count_deltas");
        return results;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _bench.Postgres.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private Task WaitingForALockAsync(long sessions) => Eventually.EqualAsync(
        sessions, () => _bench.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"));

    /// <summary>The same ledger, behind something that can cut its answers off.</summary>
    private sealed class CutBench : IAsyncDisposable
    {
        public CutBench(LedgerBench bench)
        {
            var to = new NpgsqlConnectionStringBuilder(bench.Postgres.ConnectionString);
            Proxy = new CuttingProxy(to.Port);
            to.Port = Proxy.Port;
            Bench = new LedgerBench(to.ConnectionString);
        }

        public CuttingProxy Proxy { get; }

        public LedgerBench Bench { get; }

        public async ValueTask DisposeAsync()
        {
            await Bench.DisposeAsync();
            await Proxy.DisposeAsync();
        }
    }
}
