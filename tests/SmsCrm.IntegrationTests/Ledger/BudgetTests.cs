using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

/// <summary>Money: held at the claim, spent or released once, never overshot, all of it usable.</summary>
public sealed class BudgetTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private const long Unit = 1_000_000;
    private readonly Guid _budget = Guid.CreateVersion7();
    private LedgerBench _bench = null!;

    public async ValueTask InitializeAsync()
    {
        _bench = new LedgerBench(await database.CreateAnotherAsync());
        await _bench.ScalarAsync<int>($"INSERT INTO tenants (id, name) VALUES ('{_bench.Tenant.Value}', 'Acme')");
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_budget_of_1000_with_8_workers_racing_is_never_overshot_and_all_of_it_is_usable()
    {
        // 1,000.00 pays 400 messages of 2.50; 1,200 want them.
        await LimitAsync(1_000 * Unit);
        var messages = Enumerable.Range(0, 1_200).Select(_ => _bench.NewMessage()).ToList();
        var over = new CancellationTokenSource();
        var watching = WatchAsync(1_000 * Unit, over.Token);

        // Each worker claims on a data source of its own, as a process would, and tries again what another one's lock kept from it; half of what is
        // held at first is released.
        var claimed = 0;
        await Parallel.ForEachAsync(messages.Chunk(30), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (chunk, _) =>
        {
            await using var worker = new LedgerBench(_bench.Postgres.ConnectionString);
            var open = chunk.Select(message => (Message: message, Seen: RowFacts.NoRow)).ToList();
            while (open.Count > 0)
            {
                var results = await worker.Ledger.ClaimAsync(
                    [.. open.Select(entry => Entry(entry.Message, entry.Seen, 2_500_000))], new ClaimBatch(Guid.CreateVersion7(), Guid.CreateVersion7()), default);
                var again = new List<(AcceptedMessage, RowFacts)>();
                foreach (var ((message, seen), result) in open.Zip(results))
                {
                    switch (result)
                    {
                        case { Result: TransitionResult.Busy }:
                            again.Add((message, seen));
                            break;
                        case { Row.State: MessageState.Deferred }:
                            again.Add((message, result.Row));
                            break;
                        case { Row.State: MessageState.Claimed } when message.Id.Value.ToByteArray()[^1] % 2 == 0 && seen.Attempt == 0:
                            var released = await worker.RecordAsync(message, result.Row, new ClaimOutcome.TryAgain(Reason.Released, 0, "{}", DateTimeOffset.UnixEpoch, worker.Sender));
                            again.Add((message, released.Row));
                            break;
                        case { Row.State: MessageState.Claimed }:
                            Interlocked.Increment(ref claimed);
                            await worker.RecordAsync(message, result.Row, new ClaimOutcome.Taken(LedgerBench.NewSid()));
                            break;
                    }
                }

                open = again;
            }
        });
        await over.CancelAsync();
        await watching;

        Assert.Equal(400, claimed);
        Assert.Equal((0L, 1_000 * Unit), await UseAsync());
        Assert.Equal(800L, await _bench.ScalarAsync<long>("SELECT count(*) FROM messages WHERE state = 11 AND reason = 57"));
        await FoldAsync();
        Assert.Equal((0L, 1_000 * Unit), await UseAsync());
        Assert.Equal(0L, await _bench.ScalarAsync<long>("SELECT count(*) FROM budget_deltas"));
        await _bench.AssertBalancedAsync();
    }

    [Theory]
    [InlineData("taken", 0, 3)]
    [InlineData("failed", 0, 0)]
    [InlineData("again", 0, 0)]
    [InlineData("unknown", 3, 0)]
    [InlineData("uncertain", 0, 3)]
    [InlineData("uncertain, then delivered", 0, 3)]
    [InlineData("undelivered", 0, 3)]
    public async Task What_is_held_is_spent_or_released_once(string course, int held, int spent)
    {
        await LimitAsync(10 * Unit);
        var message = _bench.NewMessage();
        var row = (await ClaimAsync(Entry(message, RowFacts.NoRow, 3 * Unit))).Row;
        Assert.Equal((3 * Unit, 0L), await UseAsync());

        var sid = LedgerBench.NewSid();
        foreach (var _ in Enumerable.Range(0, 2))
        {
            await FollowAsync(course, message, row, sid);
        }

        Assert.Equal((held * Unit, spent * Unit), await UseAsync());
    }

    [Fact]
    public async Task Where_only_holds_stand_in_the_way_a_message_waits_and_goes_when_they_are_released()
    {
        await LimitAsync(3 * Unit);
        var (first, second) = (_bench.NewMessage(), _bench.NewMessage());
        var held = await ClaimAsync(Entry(first, RowFacts.NoRow, 2 * Unit));

        var waits = await ClaimAsync(Entry(second, RowFacts.NoRow, 2 * Unit));
        await _bench.RecordAsync(first, held.Row, new ClaimOutcome.Failed(Reason.ProviderRefused, 21614, "{}"));
        var goes = await ClaimAsync(Entry(second, waits.Row, 2 * Unit));

        Assert.Equal((MessageState.Deferred, Reason.BudgetHeld), (waits.Row.State, waits.Row.Reason));
        Assert.Equal(MessageState.Claimed, goes.Row.State);
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task A_lowered_limit_stops_new_holds_only()
    {
        await LimitAsync(10 * Unit);
        await ClaimAsync(Entry(_bench.NewMessage(), RowFacts.NoRow, 5 * Unit));
        await _bench.ScalarAsync<int>($"UPDATE budgets SET limit_micros = {4 * Unit}");

        var refused = await ClaimAsync(Entry(_bench.NewMessage(), RowFacts.NoRow, 5 * Unit));

        Assert.Equal((MessageState.Rejected, Reason.BudgetExhausted), (refused.Row.State, refused.Row.Reason));
        Assert.Equal((5 * Unit, 0L), await UseAsync());
    }

    [Fact]
    public async Task A_tenants_budget_that_an_open_session_holds_keeps_nobody_elses_messages_of_the_batch()
    {
        await LimitAsync(10 * Unit);
        await using var other = await _bench.OpenSessionAsync();
        await using var transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var hold = new NpgsqlCommand("SELECT FROM budget_use FOR UPDATE", other);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var (paying, free) = (_bench.NewMessage(), _bench.NewMessage() with { Tenant = new TenantId(Guid.CreateVersion7()) });

        var results = await _bench.Ledger.ClaimAsync(
            [Entry(paying, RowFacts.NoRow, Unit), new ClaimEntry(free, RowFacts.NoRow, _bench.Account, _bench.Sender)],
            new ClaimBatch(Guid.CreateVersion7(), Guid.CreateVersion7()), default);

        Assert.Equal([TransitionResult.Busy, TransitionResult.Won], results.Select(result => result.Result));
        Assert.Equal(RowFacts.NoRow, await _bench.RowAsync(paying));
        Assert.Equal(MessageState.Claimed, (await _bench.RowAsync(free)).State);
    }

    [Fact]
    public async Task A_verdict_about_money_says_limit_spent_held_and_cost()
    {
        await LimitAsync(Unit);
        var message = _bench.NewMessage();

        await ClaimAsync(Entry(message, RowFacts.NoRow, 2 * Unit));

        var detail = (await _bench.EventsAsync(message)).Single().Detail!;
        foreach (var part in new[] { "\"limit_micros\":1000000", "\"cost_micros\":2000000", "\"spent_micros\":0", "\"held_micros\":0" })
        {
            Assert.Contains(part, detail, StringComparison.Ordinal);
        }
    }

    private ClaimEntry Entry(AcceptedMessage message, RowFacts seen, long cost) =>
        new(message, seen, _bench.Account, _bench.Sender, new ClaimTerms(cost, _budget, null));

    private async Task<EntryResult> ClaimAsync(ClaimEntry entry) =>
        (await _bench.Ledger.ClaimAsync([entry], new ClaimBatch(Guid.CreateVersion7(), Guid.CreateVersion7()), default)).Single();

    private async Task FollowAsync(string course, AcceptedMessage message, RowFacts claimed, ProviderSid sid)
    {
        switch (course)
        {
            case "taken":
                await _bench.RecordAsync(message, claimed, new ClaimOutcome.Taken(sid));
                break;
            case "undelivered":
                await _bench.RecordAsync(message, claimed, new ClaimOutcome.Taken(sid));
                await _bench.HearAsync(message, sid, "undelivered", 30003);
                break;
            case "failed":
                await _bench.RecordAsync(message, claimed, new ClaimOutcome.Failed(Reason.ProviderRefused, 21614, "{}"));
                break;
            case "again":
                await _bench.RecordAsync(message, claimed, new ClaimOutcome.TryAgain(Reason.RetryBackoff, 20429, "{}", DateTimeOffset.UnixEpoch.AddYears(60), _bench.Sender));
                break;
            case "unknown":
                await _bench.RecordAsync(message, claimed, new ClaimOutcome.Unknown("{}"));
                break;
            default:
                var unknown = await _bench.RecordAsync(message, claimed, new ClaimOutcome.Unknown("{}"));
                await _bench.Ledger.MarkUncertainAsync([(message.Id, unknown.Row)], "{}", default);
                if (course.EndsWith("delivered", StringComparison.Ordinal))
                {
                    await _bench.HearAsync(message, sid, "delivered");
                }

                break;
        }
    }

    private Task LimitAsync(long micros) => _bench.ScalarAsync<int>(
        $"INSERT INTO budgets (id, tenant_id, limit_micros) VALUES ('{_budget}', '{_bench.Tenant.Value}', {micros})");

    private async Task FoldAsync() => await _bench.Get<BudgetFolder>().FoldOnceAsync(TestContext.Current.CancellationToken);

    /// <summary>Row plus deltas, in one statement; and invariant 10: what is held is the sum of the open holds.</summary>
    private async Task<(long Held, long Spent)> UseAsync()
    {
        Assert.Equal(0L, await _bench.ScalarAsync<long>(
            """
            SELECT (SELECT coalesce(sum(held_micros), 0) FROM budget_use)::bigint + (SELECT coalesce(sum(held_micros), 0) FROM budget_deltas)::bigint
              - (SELECT coalesce(sum(held_micros), 0) FROM messages WHERE state IN (3, 4))::bigint
            """));
        // Both from one statement: between two a hold may become spent and be counted twice.
        var both = await _bench.ScalarAsync<long[]>(
            """
            SELECT ARRAY[
              (SELECT sum(held_micros) FROM budget_use)::bigint + (SELECT coalesce(sum(held_micros), 0) FROM budget_deltas)::bigint,
              (SELECT sum(spent_micros) FROM budget_use)::bigint + (SELECT coalesce(sum(spent_micros), 0) FROM budget_deltas)::bigint]
            """);
        return (both![0], both[1]);
    }

    private async Task WatchAsync(long limit, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var (held, spent) = await UseAsync();
            Assert.InRange(held + spent, 0, limit);
            await FoldAsync();
        }
    }
}
