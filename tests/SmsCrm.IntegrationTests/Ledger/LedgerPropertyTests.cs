using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

/// <summary>The SQL against the pure table: invariants 6, 7 and 11 of the design.</summary>
public sealed class LedgerPropertyTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncDisposable
{
    private readonly LedgerBench _bench = new(database);

    /// <summary>The same every time; SMSCRM_TEST_SEED adds another.</summary>
    public static TheoryData<int> Seeds => [1, 2, 3, 4, TestRun.Seed(5)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Any_sequence_of_steps_on_fresh_or_stale_facts_leaves_what_the_table_says(int seed)
    {
        var random = new Random(seed);
        var steps = new LedgerSteps(_bench);
        for (var round = 0; round < 12; round++)
        {
            var message = _bench.NewMessage();
            _bench.Current = message;
            var model = new LedgerModel();
            var history = new List<RowFacts> { RowFacts.NoRow };
            var trail = new List<string>();
            for (var i = 0; i < 14; i++)
            {
                var step = steps.Draw(random);
                var seen = random.Next(4) == 0 ? history[random.Next(history.Count)] : history[^1];
                trail.Add($"{step} on v{seen.Version} of v{model.Row.Version} {model.Row.State}");

                var result = await step.Run(message, seen);
                var changed = step.Model(model, seen);

                var told = $"seed {seed}: {string.Join("; ", trail)} -> {result.Result}";
                var row = await _bench.RowAsync(message);
                Assert.True(model.Row == row, $"{told}: expected {model.Row}, is {row}");
                Assert.True(changed == (result.Result == TransitionResult.Won), told);
                history.Add(row);
            }

            Assert.Equal(model.Events, (await _bench.EventsAsync(message)).Select(e => e.Kind));
        }

        await _bench.AssertBalancedAsync();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Steps_of_many_at_once_in_batches_of_any_order_agree_with_their_own_events(int seed)
    {
        var messages = Enumerable.Range(0, 6).Select(i =>
        {
            _bench.DaysAhead = (i % 3) - 1;
            return _bench.NewMessage();
        }).ToArray();
        var steps = new LedgerSteps(_bench);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(worker => Task.Run(async () =>
        {
            var random = new Random(unchecked((seed * 31) + worker));
            for (var i = 0; i < 25; i++)
            {
                var message = messages[random.Next(messages.Length)];
                await steps.Draw(random).Run(message, await _bench.RowAsync(message));
                await BatchAsync(messages, random);
            }
        })));

        foreach (var message in messages)
        {
            AssertFold(await _bench.EventsAsync(message), await _bench.RowAsync(message), seed);
        }

        Assert.True(_bench.Retries == 0, $"seed {seed}: {_bench.Retries} deadlocks");
        await _bench.AssertBalancedAsync();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Words_in_any_order_number_and_grouping_end_in_one_state(int seed)
    {
        var random = new Random(seed);
        string[] words = ["queued", "sent", "delivered", "read", "gone-fishing"];
        var sid = LedgerBench.NewSid();
        var ends = new HashSet<(MessageState, int, string)>();
        for (var round = 0; round < 8; round++)
        {
            var message = _bench.NewMessage();
            await _bench.ClaimAsync(message, RowFacts.NoRow);
            var heard = words.Concat(words).Append("sent").Select(word => _bench.Receipt(message, sid, word)).ToArray();
            random.Shuffle(heard);

            await Task.WhenAll(heard.Chunk(random.Next(1, 5)).Select(chunk => _bench.Ledger.ApplyReceiptsAsync(chunk, default)));

            var row = await _bench.RowAsync(message);
            ends.Add((row.State, row.Version, string.Join(',', (await _bench.EventsAsync(message)).Select(e => e.Kind).Order())));
        }

        Assert.Equal((MessageState.Read, 6, "Claimed,Taken,Sent,Delivered,Read,OtherWord"), Assert.Single(ends));
    }

    /// <summary>Overlapping batches in another order each time: who locks out of order deadlocks here.</summary>
    private async Task BatchAsync(AcceptedMessage[] messages, Random random)
    {
        var some = messages.Where(_ => random.Next(2) == 0).ToArray();
        random.Shuffle(some);
        var rows = await _bench.Ledger.ReadAsync([.. some.Select(m => m.Id)], default);
        switch (random.Next(3))
        {
            case 0:
                await _bench.Ledger.ClaimAsync(
                    [.. some.Select(m => new ClaimEntry(m, rows.GetValueOrDefault(m.Id, RowFacts.NoRow), _bench.Account, _bench.Sender))],
                    new ClaimBatch(Guid.CreateVersion7(), Guid.CreateVersion7()), default);
                break;
            case 1:
                await _bench.Ledger.ApplyReceiptsAsync(
                    [.. some.Select(m => _bench.Receipt(m, new ProviderSid('S', m.Id.Value), random.Next(2) == 0 ? "sent" : "queued"))], default);
                break;
            default:
                await _bench.Ledger.DeferAsync(
                    [.. some.Select(m => new DeferEntry(
                        m, rows.GetValueOrDefault(m.Id, RowFacts.NoRow), Reason.Busy, DateTimeOffset.UnixEpoch.AddYears(60), _bench.Sender, null))],
                    default);
                break;
        }
    }

    private static void AssertFold(IReadOnlyList<(EventKind Kind, int Version, string? Detail)> events, RowFacts row, int seed)
    {
        var (state, claims, proofs) = (MessageState.None, 0, 0);
        foreach (var (kind, _, detail) in events)
        {
            var told = (MessageState)kind;
            if (kind is EventKind.TextedTwice)
            {
                continue;
            }

            if (told.IsTaken())
            {
                state = MessageStates.Fold(state, told);
                continue;
            }

            Assert.True(MessageStates.MayDecide(state, told), $"seed {seed}: {state} -> {told} in {string.Join(',', events.Select(e => e.Kind))}");
            proofs += state is MessageState.Claimed or MessageState.Unknown && told == MessageState.Deferred && detail is not null ? 1 : 0;
            claims += told == MessageState.Claimed ? 1 : 0;
            state = told;
        }

        Assert.Equal(row.State, state);
        Assert.True(claims <= proofs + 1, $"seed {seed}: {claims} attempts on {proofs} proofs");
        Assert.True(claims == row.Attempt || (claims == 0 && row.Attempt == 1), $"seed {seed}: {claims} claims, attempt {row.Attempt}");
        Assert.Equal(events.Count, events.Select(e => e.Version).Distinct().Count());
        Assert.Equal(events.Where(e => ((MessageState)e.Kind).IsTaken()).Count(), events.Where(e => ((MessageState)e.Kind).IsTaken()).Select(e => e.Kind).Distinct().Count());
        Assert.True(events.Count == 0 || events[^1].Version <= row.Version);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
