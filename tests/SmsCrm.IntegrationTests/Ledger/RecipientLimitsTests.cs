using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

/// <summary>What a recipient may get, judged again in the claim: by then others may have claimed what no gate could see.</summary>
public sealed class RecipientLimitsTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private static readonly PhoneNumber Recipient = new(15005550042);
    private static readonly RecipientLimits TwoADay = new([new FrequencyCap(null, 2, TimeSpan.FromHours(24))], TimeSpan.Zero, 7);
    private static readonly RecipientLimits NotTheSameTwice = new([], TimeSpan.FromHours(1), 7);

    private LedgerBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = new LedgerBench(await database.CreateAnotherAsync());

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_cap_of_two_lets_two_go_however_many_workers_claim_at_once()
    {
        var messages = Enumerable.Range(0, 40).Select(_ => NewMessage()).ToList();

        var claimed = 0;
        await Parallel.ForEachAsync(messages.Chunk(5), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (chunk, _) =>
        {
            await using var worker = new LedgerBench(_bench.Postgres.ConnectionString);
            var open = chunk.ToList();
            while (open.Count > 0)
            {
                var results = await worker.Ledger.ClaimAsync([.. open.Select(message => Entry(message, TwoADay))], NewClaim(), default);
                Interlocked.Add(ref claimed, results.Count(result => result.Row.State == MessageState.Claimed));
                open = [.. open.Zip(results).Where(pair => pair.Second.Result == TransitionResult.Busy).Select(pair => pair.First)];
            }
        });

        Assert.Equal(2, claimed);
        Assert.Equal(38L, await _bench.ScalarAsync<long>($"SELECT count(*) FROM messages WHERE state = 11 AND reason = {(int)Reason.FrequencyCap}"));
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task Of_two_equal_texts_to_one_number_in_one_batch_one_goes_and_the_other_says_why_not()
    {
        var (first, second, other) = (NewMessage(hash: 1), NewMessage(hash: 1), NewMessage(hash: 2));

        var results = await _bench.Ledger.ClaimAsync([.. new[] { first, second, other }.Select(message => Entry(message, NotTheSameTwice))], NewClaim(), default);

        var refused = results.Single(result => result.Row.State == MessageState.Rejected);
        Assert.Contains(refused.Id, new[] { first.Id, second.Id });
        Assert.Equal(2, results.Count(result => result.Row.State == MessageState.Claimed));
        var detail = (await _bench.EventsAsync(refused.Id == first.Id ? first : second)).Single().Detail!;
        Assert.Contains("\"gate\":\"duplicate_content\"", detail, StringComparison.Ordinal);
        Assert.Contains("\"rules\":7", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_equal_texts_to_one_number_the_second_does_not_go_while_nobody_knows_of_the_first()
    {
        var (first, second) = (NewMessage(hash: 1), NewMessage(hash: 1));
        var claimed = await ClaimAsync(first, NotTheSameTwice);
        await _bench.RecordAsync(first, claimed.Row, new ClaimOutcome.Unknown("{}"));

        var result = await ClaimAsync(second, NotTheSameTwice);

        Assert.Equal((MessageState.Rejected, Reason.DuplicateContent), (result.Row.State, result.Row.Reason));
    }

    [Fact]
    public async Task What_the_provider_refused_counts_for_no_cap()
    {
        var one = new RecipientLimits([new FrequencyCap(null, 1, TimeSpan.FromHours(24))], TimeSpan.Zero, 1);
        var (refused, next) = (NewMessage(), NewMessage());
        var claimed = await ClaimAsync(refused, one);
        await _bench.RecordAsync(refused, claimed.Row, new ClaimOutcome.Failed(Reason.ProviderRefused, 21614, "{}"));

        Assert.Equal(MessageState.Claimed, (await ClaimAsync(next, one)).Row.State);
    }

    [Fact]
    public async Task A_recipient_whose_turn_another_session_has_leaves_the_batch_and_nobody_else_does()
    {
        var (busy, free) = (NewMessage(), NewMessage() with { Recipient = new PhoneNumber(15005550043) });
        await using var other = new LedgerBench(_bench.Postgres.ConnectionString);
        await using var connection = await other.Postgres.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var held = await ClaimHolds.TakeAsync(connection, [Entry(busy, TwoADay)]);
        await using var patience = new NpgsqlCommand("SET LOCAL idle_in_transaction_session_timeout = 0", connection);
        await patience.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var results = await _bench.Ledger.ClaimAsync([Entry(busy, TwoADay), Entry(free, TwoADay)], NewClaim(), default);

        Assert.Single(held.Recipients);
        Assert.Equal([TransitionResult.Busy, TransitionResult.Won], results.Select(result => result.Result));
        Assert.Equal(RowFacts.NoRow, await _bench.RowAsync(busy));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_claim_that_was_decided_by_settings_which_changed_meanwhile_goes_back_to_facts(bool isLimited)
    {
        var (fresh, queued) = (NewMessage(), NewMessage());
        await _bench.Ledger.EnqueueAsync([queued], default);
        var seen = await _bench.RowAsync(queued);
        var version = await _bench.ScalarAsync<long>("SELECT version FROM settings_version");
        var limits = isLimited ? TwoADay : null;
        var stale = new ClaimBatch(Guid.CreateVersion7(), Guid.CreateVersion7(), version - 1);
        var current = stale with { Settings = version };
        ClaimEntry[] entries = [Entry(fresh, limits), Entry(queued, limits) with { Seen = seen }];

        var lost = await _bench.Ledger.ClaimAsync(entries, stale, default);
        var won = await _bench.Ledger.ClaimAsync(entries, current, default);

        Assert.All(lost, result => Assert.Equal(TransitionResult.Lost, result.Result));
        Assert.All(won, result => Assert.Equal((TransitionResult.Won, MessageState.Claimed), (result.Result, result.Row.State)));
        await _bench.AssertBalancedAsync();
    }

    private static ClaimBatch NewClaim() => new(Guid.CreateVersion7(), Guid.CreateVersion7());

    private AcceptedMessage NewMessage(long hash = 0) => _bench.NewMessage() with { Recipient = Recipient, ContentHash = hash };

    private ClaimEntry Entry(AcceptedMessage message, RecipientLimits? limits) =>
        new(message, RowFacts.NoRow, _bench.Account, _bench.Sender, new ClaimTerms(0, null, null, limits));

    private async Task<EntryResult> ClaimAsync(AcceptedMessage message, RecipientLimits limits) =>
        (await _bench.Ledger.ClaimAsync([Entry(message, limits)], NewClaim(), default)).Single();
}
