using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

public sealed class MessageLedgerTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncDisposable
{
    private readonly LedgerBench _bench = new(database);

    [Fact]
    public async Task An_id_that_a_batch_holds_twice_is_won_once()
    {
        var message = _bench.NewMessage();

        var results = await _bench.Ledger.ClaimAsync(
            [.. Enumerable.Repeat(new ClaimEntry(message, RowFacts.NoRow, _bench.Account, _bench.Sender), 2)],
            new ClaimBatch(Guid.CreateVersion7(), Guid.CreateVersion7()), default);

        Assert.Equal([TransitionResult.Won, TransitionResult.Lost], results.Select(result => result.Result));
    }

    [Fact]
    public async Task A_message_goes_from_its_claim_to_delivered_with_an_event_for_each_step()
    {
        var message = _bench.NewMessage();
        var sid = LedgerBench.NewSid();

        var claim = await _bench.ClaimAsync(message, RowFacts.NoRow);
        var taken = await _bench.RecordAsync(message, claim.Row, new ClaimOutcome.Taken(sid));
        var sent = await _bench.HearAsync(message, sid, "sent");
        var delivered = await _bench.HearAsync(message, sid, "delivered");

        Assert.All([claim, taken, sent, delivered], result => Assert.Equal(TransitionResult.Won, result.Result));
        Assert.Equal(new RowFacts(MessageState.Delivered, 4, 1, Reason.None, 0), await _bench.RowAsync(message));
        Assert.Equal(
            [(EventKind.Claimed, 1), (EventKind.Taken, 2), (EventKind.Sent, 3), (EventKind.Delivered, 4)],
            (await _bench.EventsAsync(message)).Select(e => (e.Kind, e.Version)));
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task A_claim_made_again_after_a_lost_commit_is_not_won_twice()
    {
        var message = _bench.NewMessage();
        await _bench.ClaimAsync(message, RowFacts.NoRow);

        var again = await _bench.ClaimAsync(message, RowFacts.NoRow);

        Assert.Equal(TransitionResult.Lost, again.Result);
        Assert.Equal(MessageState.Claimed, (await _bench.RowAsync(message)).State);
    }

    [Fact]
    public async Task Each_outcome_recorded_again_is_there_already()
    {
        foreach (var outcome in (ClaimOutcome[])[
            new ClaimOutcome.Taken(LedgerBench.NewSid()),
            new ClaimOutcome.Failed(Reason.ProviderRefused, 21211, "{}"),
            new ClaimOutcome.TryAgain(Reason.RetryBackoff, 20429, "{}", DateTimeOffset.UnixEpoch.AddYears(60), _bench.Sender),
            new ClaimOutcome.Unknown("{}")])
        {
            var message = _bench.NewMessage();
            var claim = await _bench.ClaimAsync(message, RowFacts.NoRow);
            await _bench.RecordAsync(message, claim.Row, outcome);
            var before = await _bench.RowAsync(message);

            var again = await _bench.RecordAsync(message, claim.Row, outcome);

            Assert.Equal(TransitionResult.AlreadyThere, again.Result);
            Assert.Equal(before, await _bench.RowAsync(message));
        }

        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task A_callback_that_is_faster_than_the_answer_keeps_its_state_and_the_answer_is_told()
    {
        var message = _bench.NewMessage();
        var sid = LedgerBench.NewSid();
        var claim = await _bench.ClaimAsync(message, RowFacts.NoRow);
        await _bench.HearAsync(message, sid, "delivered");

        var answer = await _bench.RecordAsync(message, claim.Row, new ClaimOutcome.Taken(sid));

        Assert.Equal(TransitionResult.Won, answer.Result);
        Assert.Equal(MessageState.Delivered, answer.Row.State);
        Assert.Equal([EventKind.Claimed, EventKind.Delivered, EventKind.Taken], (await _bench.EventsAsync(message)).Select(e => e.Kind));
    }

    [Fact]
    public async Task Proof_counts_for_an_attempt_that_became_unknown_meanwhile()
    {
        var message = _bench.NewMessage();
        var claim = await _bench.ClaimAsync(message, RowFacts.NoRow);
        await _bench.Ledger.MarkUnknownAsync([(message.Id, claim.Row)], "{}", default);

        var proof = await _bench.RecordAsync(
            message, claim.Row, new ClaimOutcome.TryAgain(Reason.RetryBackoff, 20429, "{\"proof\":1}", DateTimeOffset.UnixEpoch.AddYears(60), _bench.Sender));
        var second = await _bench.ClaimAsync(message, proof.Row);

        Assert.Equal((MessageState.Deferred, (short)1), (proof.Row.State, proof.Row.Attempt));
        Assert.Equal((MessageState.Claimed, (short)2), (second.Row.State, second.Row.Attempt));
        Assert.Contains(await _bench.EventsAsync(message), e => e is { Kind: EventKind.Deferred, Detail: "{\"proof\":1}" });
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task A_word_ends_the_waiting_and_replaces_uncertain()
    {
        var (waits, uncertain) = (_bench.NewMessage(), _bench.NewMessage());
        await _bench.DeferAsync(waits, RowFacts.NoRow);
        var claim = await _bench.ClaimAsync(uncertain, RowFacts.NoRow);
        var unknown = await _bench.Ledger.MarkUnknownAsync([(uncertain.Id, claim.Row)], "{}", default);
        var mark = await _bench.Ledger.MarkUncertainAsync([(uncertain.Id, unknown[0].Row)], "{}", default);

        var first = await _bench.HearAsync(waits, LedgerBench.NewSid(), "sent");
        var second = await _bench.HearAsync(uncertain, LedgerBench.NewSid(), "undelivered", 30003);

        Assert.Equal(new RowFacts(MessageState.Uncertain, 3, 1, Reason.NoWord, 0), mark[0].Row);
        Assert.Equal(MessageState.Sent, first.Row.State);
        Assert.Equal((MessageState.Undelivered, 30003), (second.Row.State, second.Row.Code));
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task A_late_sent_is_told_and_changes_no_state_and_a_repeated_word_changes_nothing()
    {
        var message = _bench.NewMessage();
        var sid = LedgerBench.NewSid();
        await _bench.ClaimAsync(message, RowFacts.NoRow);
        await _bench.HearAsync(message, sid, "delivered");

        var late = await _bench.HearAsync(message, sid, "sent");
        var repeated = await _bench.HearAsync(message, sid, "delivered");

        Assert.Equal((TransitionResult.Won, MessageState.Delivered), (late.Result, late.Row.State));
        Assert.Equal(TransitionResult.AlreadyThere, repeated.Result);
        Assert.Equal([EventKind.Claimed, EventKind.Delivered, EventKind.Sent], (await _bench.EventsAsync(message)).Select(e => e.Kind));
    }

    [Fact]
    public async Task Words_about_another_sid_are_told_once_per_sid_and_change_no_state()
    {
        var message = _bench.NewMessage();
        var (bound, other, third) = (LedgerBench.NewSid(), LedgerBench.NewSid(), LedgerBench.NewSid());
        await _bench.ClaimAsync(message, RowFacts.NoRow);
        await _bench.HearAsync(message, bound, "sent");

        foreach (var sid in (ProviderSid[])[other, other, third, other])
        {
            await _bench.HearAsync(message, sid, "delivered");
        }

        var told = (await _bench.EventsAsync(message)).Where(e => e.Kind == EventKind.TextedTwice).Select(e => e.Detail!).ToList();
        Assert.Equal(2, told.Count);
        Assert.Contains(other.ToString(), told[0], StringComparison.Ordinal);
        Assert.Contains(third.ToString(), told[1], StringComparison.Ordinal);
        Assert.Equal(MessageState.Sent, (await _bench.RowAsync(message)).State);
    }

    [Fact]
    public async Task A_word_about_an_id_without_a_row_inserts_it_so_that_a_replay_meets_it()
    {
        var (known, unknown) = (_bench.NewMessage(), _bench.NewMessage());
        var sid = LedgerBench.NewSid();

        var results = await _bench.Ledger.ApplyReceiptsAsync(
            [_bench.Receipt(known, sid, "sent"), _bench.Receipt(known, sid, "delivered"), _bench.Receipt(unknown, sid, "sent") with { Recipient = null }],
            default);

        Assert.Equal([TransitionResult.Won, TransitionResult.Won, TransitionResult.NotFound], results.Select(r => r.Result));
        Assert.Equal(new RowFacts(MessageState.Delivered, 2, 1, Reason.None, 0), await _bench.RowAsync(known));
        Assert.Equal(TransitionResult.Lost, (await _bench.ClaimAsync(known, RowFacts.NoRow)).Result);
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task A_word_of_another_tenants_account_is_nobodys()
    {
        var message = _bench.NewMessage();
        await _bench.ClaimAsync(message, RowFacts.NoRow);

        var results = await _bench.Ledger.ApplyReceiptsAsync(
            [_bench.Receipt(message, LedgerBench.NewSid(), "delivered") with { Tenant = new TenantId(Guid.CreateVersion7()) }], default);

        Assert.Equal(TransitionResult.NotFound, results[0].Result);
        Assert.Equal(MessageState.Claimed, (await _bench.RowAsync(message)).State);
    }

    [Fact]
    public async Task Waiting_again_for_the_same_reason_moves_the_due_time_and_tells_nothing()
    {
        var message = _bench.NewMessage();
        var first = await _bench.DeferAsync(message, RowFacts.NoRow);
        var same = await _bench.DeferAsync(message, first.Row);
        var other = await _bench.DeferAsync(message, same.Row, Reason.QuietHours);

        Assert.Equal([1, 2, 3], new[] { first, same, other }.Select(r => r.Row.Version));
        Assert.Equal([1, 3], (await _bench.EventsAsync(message)).Select(e => e.Version));
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task Cancelling_ends_what_is_not_claimed_and_tells_what_came_too_late()
    {
        var (queued, waits, claimed, noRow, foreign) =
            (_bench.NewMessage(), _bench.NewMessage(), _bench.NewMessage(), _bench.NewMessage(), _bench.NewMessage() with { Tenant = new TenantId(Guid.CreateVersion7()) });
        await _bench.Ledger.EnqueueAsync([queued, foreign], default);
        await _bench.DeferAsync(waits, RowFacts.NoRow);
        await _bench.ClaimAsync(claimed, RowFacts.NoRow);
        MessageId[] ids = [queued.Id, waits.Id, claimed.Id, noRow.Id, foreign.Id];

        var first = await _bench.Ledger.CancelAsync(_bench.Tenant, ids, Reason.None, default);
        var again = await _bench.Ledger.CancelAsync(_bench.Tenant, ids, Reason.None, default);

        Assert.Equal(
            [TransitionResult.Won, TransitionResult.Won, TransitionResult.TooLate, TransitionResult.Won, TransitionResult.NotFound],
            first.Select(r => r.Result));
        Assert.Equal(TransitionResult.AlreadyThere, again[0].Result);
        Assert.Equal(TransitionResult.Lost, (await _bench.ClaimAsync(noRow, RowFacts.NoRow)).Result);
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task A_missing_receipt_is_a_mark_that_any_later_word_removes()
    {
        var message = _bench.NewMessage();
        var sid = LedgerBench.NewSid();
        await _bench.ClaimAsync(message, RowFacts.NoRow);
        var sent = await _bench.HearAsync(message, sid, "sent");

        var mark = await _bench.Ledger.MarkNoReceiptAsync([(message.Id, sent.Row)], default);
        var marked = await _bench.ScalarAsync<bool>($"SELECT no_receipt FROM messages WHERE id = '{message.Id}'");
        await _bench.HearAsync(message, sid, "delivered");

        Assert.Equal((TransitionResult.Won, MessageState.Sent), (mark[0].Result, mark[0].Row.State));
        Assert.True(marked);
        Assert.False(await _bench.ScalarAsync<bool>($"SELECT no_receipt FROM messages WHERE id = '{message.Id}'"));
        await _bench.AssertBalancedAsync();
    }

    [Fact]
    public async Task Each_claimed_batch_leaves_one_row_with_the_ids_it_won()
    {
        var batch = Guid.CreateVersion7();
        var messages = Enumerable.Range(0, 5).Select(_ => _bench.NewMessage()).ToList();
        await _bench.ClaimAsync(messages[2], RowFacts.NoRow);

        await _bench.Ledger.ClaimAsync(
            [.. messages.Select(m => new ClaimEntry(m, RowFacts.NoRow, _bench.Account, _bench.Sender))], new ClaimBatch(batch, Guid.CreateVersion7()), default);

        var ids = await _bench.ScalarAsync<Guid[]>($"SELECT message_ids FROM claims WHERE batch = '{batch}'");
        Assert.Equal(messages.Where((_, i) => i != 2).Select(m => m.Id.Value).Order(), ids);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
