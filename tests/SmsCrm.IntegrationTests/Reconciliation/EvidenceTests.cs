using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using SmsCrm.Contracts.V1;
using SmsCrm.IntegrationTests.SendPipeline;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Reconciliation;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Reconciliation;

/// <summary>What is made of the provider's list where a POST was never answered: docs/adr/0004-what-evidence-risks.md.</summary>
public sealed class EvidenceTests(DatabaseFixture database, RedisFixture redis) : IClassFixture<DatabaseFixture>, IClassFixture<RedisFixture>, IAsyncLifetime
{
    private const string Sender = "+12025550101";
    private readonly FakeTimeProvider _clock = new();
    private SendBench _bench = null!;
    private Reconciler _reconciler = null!;

    public async ValueTask InitializeAsync()
    {
        _bench = await SendBench.StartAsync(database, redis);
        _bench.Provider.Answer = static _ => Task.FromResult<PostOutcome>(new PostOutcome.Unknown("no answer within 10000 ms"));
        _bench.Provider.Lists = static _ => [];
        _reconciler = new Reconciler(
            _bench.Get<NpgsqlDataSource>(), _bench.Get<ILedgerReads>(), _bench.Get<IMessageLedger>(), _bench.Provider,
            new ReconciliationOptions { ClaimAgeSeconds = 0, UncertainAfterSeconds = 0, EvidenceAfterSeconds = 0 },
            _bench.Get<ProviderDirectory>(), _clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _reconciler.DisposeAsync();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task A_text_that_the_list_shows_is_bound_to_its_sid_and_never_sent_again()
    {
        var request = await UnansweredAsync();
        var sid = NewSid();
        _bench.Provider.Lists = to => [Listed(sid, to, request.Body)];

        await VisitAsync();

        Assert.Equal(MessageState.Delivered, await _bench.StateAsync(request));
        Assert.Equal(sid.Value, await _bench.ScalarAsync("SELECT sid FROM messages WHERE id = $1", SendBench.IdOf(request).Value));
        Assert.Equal(1, _bench.Provider.CountOf(SendBench.IdOf(request)));
    }

    [Theory]
    [InlineData("another body", Sender, "outbound-api")]
    [InlineData(null, "+12025550199", "outbound-api")]
    [InlineData(null, Sender, "inbound")]
    public async Task What_is_listed_with_another_body_sender_or_direction_is_another_text(string? body, string from, string direction)
    {
        var request = await UnansweredAsync();
        _bench.Provider.Lists = to => [Listed(NewSid(), to, body ?? request.Body) with { From = from, Direction = direction }];

        await VisitAsync();

        Assert.Equal(MessageState.Uncertain, await _bench.StateAsync(request));
    }

    [Fact]
    public async Task Absence_from_the_list_counts_for_nothing_unless_the_tenant_allows_it()
    {
        var request = await UnansweredAsync();

        await VisitAsync();

        Assert.Equal((MessageState.Uncertain, 1), (await _bench.StateAsync(request), _bench.Provider.CountOf(SendBench.IdOf(request))));
    }

    [Fact]
    public async Task Where_the_tenant_allows_it_a_text_that_the_list_does_not_show_is_sent_once_more()
    {
        await AllowEvidenceAsync();
        var request = await UnansweredAsync();
        _bench.Provider.Answer = static _ => Task.FromResult(FakeProvider.Taken());

        await VisitAsync();

        await Eventually.EqualAsync(MessageState.Taken, () => _bench.StateAsync(request));
        Assert.Equal(2, _bench.Provider.CountOf(SendBench.IdOf(request)));
        Assert.Equal("not_listed", await _bench.ScalarAsync(
            "SELECT max(CASE reason WHEN 11 THEN 'not_listed' END) FROM message_events WHERE message_id = $1 AND kind = 2", SendBench.IdOf(request).Value));
    }

    [Fact]
    public async Task Absence_must_have_lasted_its_time_by_the_reconcilers_own_clock()
    {
        await AllowEvidenceAsync();
        await using var slow = new Reconciler(
            _bench.Get<NpgsqlDataSource>(), _bench.Get<ILedgerReads>(), _bench.Get<IMessageLedger>(), _bench.Provider,
            new ReconciliationOptions { ClaimAgeSeconds = -900, UncertainAfterSeconds = 900, EvidenceAfterSeconds = 900 },
            _bench.Get<ProviderDirectory>(), _clock);
        var request = await UnansweredAsync();
        await slow.Evidence.VisitAsync(default);
        _clock.Advance(TimeSpan.FromSeconds(899));
        await slow.Evidence.VisitAsync(default);
        var before = await _bench.StateAsync(request);

        _clock.Advance(TimeSpan.FromSeconds(2));
        await slow.Evidence.VisitAsync(default);

        Assert.Equal(MessageState.Unknown, before);
        await Eventually.EqualAsync(2, () => Task.FromResult(_bench.Provider.CountOf(SendBench.IdOf(request))));
    }

    [Fact]
    public async Task Of_two_equal_texts_to_one_number_neither_is_bound_nor_sent_again()
    {
        await AllowEvidenceAsync();
        var first = _bench.NewRequest();
        var second = _bench.NewRequest();
        second.Recipient = first.Recipient;
        await _bench.SendAsync(first, second);
        await Eventually.EqualAsync(2, () => _bench.CountAsync([first, second], MessageState.Unknown));
        _bench.Provider.Lists = to => [Listed(NewSid(), to, first.Body)];

        await VisitAsync();

        Assert.Equal(2, await _bench.CountAsync([first, second], MessageState.Uncertain));
        Assert.Equal(2, _bench.Provider.Texts.Count);
    }

    [Fact]
    public async Task A_worker_that_was_stopped_and_may_go_on_is_waited_for()
    {
        await AllowEvidenceAsync();
        var begun = new TaskCompletionSource<PostOutcome>();
        _bench.Provider.Answer = _ => begun.Task;
        var request = _bench.NewRequest();
        await _bench.SendAsync(request);
        await Eventually.EqualAsync(MessageState.Claimed, () => _bench.StateAsync(request));

        // The worker says nothing, but its session has the lock; with no time to wait for it nobody sends again.
        await VisitAsync();
        var meanwhile = await _bench.StateAsync(request);
        begun.SetResult(FakeProvider.Taken());

        Assert.Equal(MessageState.Uncertain, meanwhile);
        await Eventually.EqualAsync(MessageState.Taken, () => _bench.StateAsync(request));
        Assert.Equal(1, _bench.Provider.CountOf(SendBench.IdOf(request)));
    }

    [Fact]
    public async Task A_worker_that_is_gone_without_a_word_is_not_waited_for()
    {
        await AllowEvidenceAsync();
        var ledger = _bench.Get<IMessageLedger>();
        var request = _bench.NewRequest();
        var message = AcceptedMessage.From(request, request.ToByteArray());
        var sender = (Guid)(await _bench.ScalarAsync("SELECT id FROM senders"))!;
        await ledger.ClaimAsync(
            [new ClaimEntry(message, RowFacts.NoRow, _bench.Account, sender)], new ClaimBatch(Guid.CreateVersion7(), Guid.CreateVersion7()), default);
        _bench.Provider.Answer = static _ => Task.FromResult(FakeProvider.Taken());

        await VisitAsync();

        await Eventually.EqualAsync(MessageState.Taken, () => _bench.StateAsync(request));
        Assert.Equal(2, (await _bench.RowAsync(request)).Attempt);
    }

    [Fact]
    public async Task A_message_that_ends_unsent_after_evidence_is_uncertain_and_what_it_held_is_held_until_then()
    {
        await AllowEvidenceAsync();
        var budget = Guid.CreateVersion7();
        await _bench.ScalarAsync("INSERT INTO budgets (id, tenant_id, limit_micros) VALUES ($1, $2, 1000000)", budget, _bench.Tenant.Value);
        await _bench.ScalarAsync("UPDATE settings_version SET version = version + 1");
        var request = await UnansweredAsync();
        var held = await HeldAsync(budget);
        await _bench.ScalarAsync("UPDATE provider_accounts SET state = 'halted', halted_reason = 'test'");
        await _bench.ScalarAsync("UPDATE settings_version SET version = version + 1");
        await VisitAsync();
        var waiting = (await _bench.StateAsync(request), await HeldAsync(budget));

        await _bench.Get<IMessageLedger>().CancelAsync(_bench.Tenant, [SendBench.IdOf(request)], Reason.None, default);

        Assert.Equal((8_300L, 0L), held);
        Assert.Equal((MessageState.Deferred, (8_300L, 0L)), waiting);
        Assert.Equal(MessageState.Uncertain, await _bench.StateAsync(request));
        Assert.Equal((0L, 8_300L), await HeldAsync(budget));
    }

    [Fact]
    public async Task What_a_message_holds_that_is_sent_again_on_evidence_is_held_once_and_spent_once()
    {
        await AllowEvidenceAsync();
        var budget = Guid.CreateVersion7();
        await _bench.ScalarAsync("INSERT INTO budgets (id, tenant_id, limit_micros) VALUES ($1, $2, 8300)", budget, _bench.Tenant.Value);
        await _bench.ScalarAsync("UPDATE settings_version SET version = version + 1");
        var request = await UnansweredAsync();
        _bench.Provider.Answer = static _ => Task.FromResult(FakeProvider.Taken());

        await VisitAsync();

        await Eventually.EqualAsync(MessageState.Taken, () => _bench.StateAsync(request));
        Assert.Equal((0L, 8_300L), await HeldAsync(budget));
    }

    private async Task<RequestRecord> UnansweredAsync()
    {
        var request = _bench.NewRequest();
        await _bench.SendAsync(request);
        await Eventually.EqualAsync(MessageState.Unknown, () => _bench.StateAsync(request));
        return request;
    }

    private async Task VisitAsync()
    {
        await _reconciler.Claims.VisitUnfinishedAsync(default);
        await _reconciler.Claims.VisitUnresolvedAsync(TimeProvider.System.GetUtcNow().AddHours(1), default);
        await _reconciler.Evidence.VisitAsync(default);
    }

    private async Task AllowEvidenceAsync()
    {
        await _bench.ScalarAsync("UPDATE tenants SET allows_evidence = true");
        await _bench.ScalarAsync("UPDATE settings_version SET version = version + 1");
        await _bench.Get<ProviderDirectory>().RefreshAsync(default);
    }

    private async Task<(long Held, long Spent)> HeldAsync(Guid budget)
    {
        var both = (long[])(await _bench.ScalarAsync(
            """
            SELECT ARRAY[
              (SELECT sum(held_micros) FROM budget_use WHERE budget_id = $1)::bigint
                + (SELECT coalesce(sum(held_micros), 0) FROM budget_deltas WHERE budget_id = $1)::bigint,
              (SELECT sum(spent_micros) FROM budget_use WHERE budget_id = $1)::bigint
                + (SELECT coalesce(sum(spent_micros), 0) FROM budget_deltas WHERE budget_id = $1)::bigint]
            """,
            budget))!;
        return (both[0], both[1]);
    }

    private static ProviderSid NewSid() => new('S', Guid.CreateVersion7());

    private static ProviderMessage Listed(ProviderSid sid, PhoneNumber to, string body) =>
        new(sid, Sender, to.ToString(), body, "delivered", null, null, "outbound-api");
}
