using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

public sealed class LockOrderTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncDisposable
{
    private static readonly DateTimeOffset Due = DateTimeOffset.UnixEpoch.AddYears(60);

    private readonly LedgerBench _bench = new(database);

    [Fact]
    public async Task Batches_of_every_kind_over_the_same_messages_and_keys_in_any_order_never_deadlock()
    {
        // Half of them have a row, half have none yet; every key is wanted by two messages.
        var messages = Enumerable.Range(0, 200).Select(i => _bench.NewMessage($"key-{i / 2}")).ToArray();
        await _bench.Ledger.EnqueueAsync([.. messages.Where((_, i) => i % 4 < 2)], default);
        var rows = await _bench.Ledger.ReadAsync([.. messages.Select(m => m.Id)], default);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var round = 0; round < 25; round++)
            {
                var shuffled = messages.ToArray();
                random.Shuffle(shuffled);
                await RunAsync(shuffled, m => rows.GetValueOrDefault(m.Id, RowFacts.NoRow), random.Next(4));
            }
        })));

        Assert.Equal(0, _bench.Retries);
        await _bench.AssertBalancedAsync();
    }

    /// <summary>Each on facts of its own, which are old by now: the one knows only the higher row, the other neither.</summary>
    [Fact]
    public async Task Who_changes_a_row_and_writes_anothers_first_one_deadlocks_with_nobody_who_takes_both_for_new()
    {
        await using var bench = new LedgerBench(await database.CreateAnotherAsync());
        var messages = new[] { bench.NewMessage(), bench.NewMessage() }.OrderBy(message => message.Id).ToArray();
        await bench.Ledger.EnqueueAsync([messages[1]], default);
        var seen = await bench.RowAsync(messages[1]);
        await using var session = await StandStillBeforeDeferredFirstRowsAsync(bench);

        var deferring = bench.Ledger.DeferAsync(
            [new DeferEntry(messages[0], RowFacts.NoRow, Reason.Busy, Due, bench.Sender, null), new DeferEntry(messages[1], seen, Reason.Busy, Due, bench.Sender, null)], default);
        await Eventually.EqualAsync(1L, () => WaitingAsync(bench));
        var enqueuing = bench.Ledger.EnqueueAsync(messages, default);
        await Eventually.TrueAsync(async () => enqueuing.IsCompleted || await WaitingAsync(bench) == 2);
        await session.CloseAsync();
        var (enqueued, deferred) = (await enqueuing, await deferring);

        Assert.Equal(0, bench.Retries);
        Assert.Equal([TransitionResult.Won, TransitionResult.AlreadyThere], enqueued.Select(result => result.Result));
        Assert.Equal([TransitionResult.Lost, TransitionResult.Won], deferred.Select(result => result.Result));
        await bench.AssertBalancedAsync();
    }

    /// <returns>Until it is closed.</returns>
    private static async Task<NpgsqlConnection> StandStillBeforeDeferredFirstRowsAsync(LedgerBench bench)
    {
        var session = await bench.OpenSessionAsync();
        await using var hold = new NpgsqlCommand(
            $"""
            CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7412); RETURN NEW; END $$;
            CREATE TRIGGER stand_still BEFORE INSERT ON messages FOR EACH ROW WHEN (NEW.state = {(int)MessageState.Deferred}) EXECUTE FUNCTION stand_still();
            SELECT pg_advisory_lock(7412)
            """,
            session);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return session;
    }

    private static Task<long> WaitingAsync(LedgerBench bench) =>
        bench.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");

    /// <summary>On facts that soon are stale: what is lost was locked all the same.</summary>
    private Task RunAsync(AcceptedMessage[] messages, Func<AcceptedMessage, RowFacts> seen, int kind) => kind switch
    {
        0 => _bench.Ledger.EnqueueAsync(messages, default),
        1 => _bench.Ledger.ApplyReceiptsAsync([.. messages.Select(m => _bench.Receipt(m, new ProviderSid('S', m.Id.Value), "sent"))], default),
        2 => _bench.Ledger.CancelAsync(_bench.Tenant, [.. messages.Select(m => m.Id)], Reason.None, default),
        _ => _bench.Ledger.DeferAsync([.. messages.Select(m => new DeferEntry(m, seen(m), Reason.Busy, Due, _bench.Sender, null))], default),
    };

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
