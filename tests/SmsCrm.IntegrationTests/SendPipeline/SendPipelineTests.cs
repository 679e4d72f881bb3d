using Google.Protobuf;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.SendPipeline;

public sealed class SendPipelineTests(DatabaseFixture database, RedisFixture redis)
    : IClassFixture<DatabaseFixture>, IClassFixture<RedisFixture>
{
    [Fact]
    public async Task A_message_goes_through_and_its_row_says_so()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        var request = bench.NewRequest();

        var items = await bench.SendAsync(request);

        await Eventually.EqualAsync(MessageState.Taken, () => bench.StateAsync(request));
        Assert.True(items[0].IsSettled);
        var text = Assert.Single(bench.Provider.Texts);
        Assert.Equal(("+12025550101", "Hello", (await bench.RowAsync(request)).Attempt), (text.From, text.Body, text.Attempt));
    }

    [Fact]
    public async Task A_batch_goes_through_each_once()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        var requests = bench.NewRequests(500);

        await bench.SendAsync(requests);

        await Eventually.EqualAsync(500, () => bench.CountAsync(requests, MessageState.Taken));
        Assert.Equal(500, bench.Provider.Texts.Select(text => text.Message).Distinct().Count());
        Assert.Equal(500, bench.Provider.Texts.Count);
    }

    [Fact]
    public async Task A_replay_never_posts_again()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        var requests = bench.NewRequests(20);
        await bench.SendAsync(requests);

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => bench.SendAsync(requests)));
        await Eventually.EqualAsync(20, () => bench.CountAsync(requests, MessageState.Taken));
        var replays = await bench.SendAsync(requests);

        Assert.All(replays, item => Assert.True(item.IsSettled));
        Assert.All(requests, request => Assert.Equal(1, bench.Provider.CountOf(SendBench.IdOf(request))));
    }

    [Fact]
    public async Task The_same_batch_by_many_at_once_is_sent_once()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        var requests = bench.NewRequests(100);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => bench.SendAsync(requests)));

        await Eventually.EqualAsync(100, () => bench.CountAsync(requests, MessageState.Taken));
        Assert.Equal(100, bench.Provider.Texts.Count);
    }

    [Fact]
    public async Task A_batch_that_holds_a_message_twice_sends_it_once()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        var requests = bench.NewRequests(50);

        var items = await bench.SendAsync([.. requests, .. requests]);

        await Eventually.EqualAsync(50, () => bench.CountAsync(requests, MessageState.Taken));
        Assert.Equal(50, bench.Provider.Texts.Count);
        // The second of two finds that out by reading the facts once more.
        await Eventually.TrueAsync(() => items.All(item => item.IsSettled));
    }

    [Fact]
    public async Task Who_opted_out_is_not_texted_and_the_row_says_why()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        var request = bench.NewRequest();
        await bench.SuppressAsync(request);

        await bench.SendAsync(request, bench.NewRequest());

        Assert.Equal(new RowFacts(MessageState.Rejected, 1, 0, Reason.Suppressed, 0), await bench.RowAsync(request));
        Assert.Contains("opted out", await bench.VerdictAsync(request), StringComparison.Ordinal);
        Assert.Equal(0, bench.Provider.CountOf(SendBench.IdOf(request)));
    }

    [Fact]
    public async Task A_refusal_that_says_opted_out_suppresses_the_number()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        bench.Provider.Answer = _ => Task.FromResult<PostOutcome>(new PostOutcome.Rejected(21610, "Attempt to send to unsubscribed recipient", ErrorClass.Suppress));
        var first = bench.NewRequest();
        await bench.SendAsync(first);
        await Eventually.EqualAsync(MessageState.Failed, () => bench.StateAsync(first));
        var second = bench.NewRequest();
        second.Recipient = first.Recipient;

        await bench.SendAsync(second);

        Assert.Equal(Reason.Suppressed, (await bench.RowAsync(second)).Reason);
    }

    [Fact]
    public async Task A_message_that_is_scheduled_waits_and_then_goes()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        var request = bench.NewRequest();
        request.SendAt = SendBench.In(TimeSpan.FromSeconds(4));

        await bench.SendAsync(request);

        await Eventually.EqualAsync(MessageState.Taken, () => bench.StateAsync(request));
        Assert.Equal((EventKind.Deferred, Reason.Scheduled), (await bench.EventsAsync(request))[0]);
        Assert.Equal(true, await bench.ScalarAsync(
            "SELECT min(at) >= $2 FROM message_events WHERE message_id = $1 AND kind = 3", SendBench.IdOf(request).Value, request.SendAt.ToDateTime()));
    }

    [Fact]
    public async Task An_expired_message_is_rejected()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        var request = bench.NewRequest();
        request.ValidUntil = SendBench.In(TimeSpan.FromSeconds(1));

        await bench.SendAsync(request);

        Assert.Equal((MessageState.Rejected, Reason.Expired), await StateAndReasonAsync(bench, request));
    }

    [Fact]
    public async Task A_sender_that_nobody_has_is_said()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        var request = bench.NewRequest();
        request.Sender = "+12025550199";

        await bench.SendAsync(request);

        Assert.Equal((MessageState.Rejected, Reason.NoSender), await StateAndReasonAsync(bench, request));
    }

    [Fact]
    public async Task A_paused_tenants_messages_wait_and_a_change_is_seen_by_the_next_batch()
    {
        await using var bench = await SendBench.StartAsync(database, redis, settings: ("SmsCrm:Gates:PausedRecheckSeconds", "1"));
        await bench.SetTenantStateAsync("paused");
        var request = bench.NewRequest();

        await bench.SendAsync(request);
        Assert.Equal((MessageState.Deferred, Reason.TenantPaused), await StateAndReasonAsync(bench, request));
        await bench.SetTenantStateAsync("active");

        await Eventually.EqualAsync(MessageState.Taken, () => bench.StateAsync(request));
    }

    [Fact]
    public async Task Gate_settings_that_cannot_be_read_stop_their_own_tenant_and_nobody_else()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        await bench.ScalarAsync(
            "INSERT INTO tenants (id, name) VALUES ($1, 'other'); INSERT INTO gate_settings (tenant_id, settings) VALUES ($1, '{\"nothing\": 1}')".Replace("$1", $"'{Guid.CreateVersion7()}'", StringComparison.Ordinal));
        await bench.ScalarAsync("UPDATE settings_version SET version = version + 1");
        var goes = bench.NewRequest();
        await bench.SendAsync(goes);
        await Eventually.EqualAsync(MessageState.Taken, () => bench.StateAsync(goes));

        await bench.ScalarAsync("UPDATE gate_settings SET settings = '{\"nothing\": 1}' WHERE tenant_id = $1", bench.Tenant.Value);
        await bench.ScalarAsync("UPDATE settings_version SET version = version + 1");
        var waits = bench.NewRequest();
        await bench.SendAsync(waits);

        Assert.Equal((MessageState.Deferred, Reason.TenantPaused), ((await bench.RowAsync(waits)).State, (await bench.RowAsync(waits)).Reason));
    }

    [Fact]
    public async Task A_throttled_message_is_tried_again_with_the_next_attempt()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        bench.Provider.Answer = _ => Task.FromResult(
            bench.Provider.Texts.Count < 3 ? new PostOutcome.Throttled(20429, "Too Many Requests", null) : FakeProvider.Taken());
        var request = bench.NewRequest();

        await bench.SendAsync(request);

        await Eventually.EqualAsync(MessageState.Taken, () => bench.StateAsync(request));
        // One that could not begin in its time, on a slow machine, has used up its number without a POST.
        var notBegun = (await bench.EventsAsync(request)).Count(happened => happened.Reason == Reason.Released);
        var attempts = bench.Provider.Texts.Select(text => text.Attempt).ToList();
        Assert.Equal((3, 3 + notBegun), (attempts.Count, attempts[^1]));
        Assert.Equal(attempts.Distinct().Order(), attempts);
    }

    [Fact]
    public async Task A_sender_whose_queue_is_full_is_out_of_its_pool_and_others_send_instead()
    {
        await using var bench = await SendBench.StartAsync(database, redis, settings: ("SmsCrm:Dispatch:SenderRestSeconds", "3600"));
        await bench.AddSenderAsync("+12025550177", 10_000);
        bench.Provider.Answer = text => Task.FromResult(text.From == "+12025550177" ? QueueFull() : FakeProvider.Taken());
        var first = bench.NewRequests(40);
        await bench.SendAsync(first);
        await Eventually.EqualAsync(40, () => bench.CountAsync(first, MessageState.Taken));
        var refused = bench.Provider.Texts.Count(text => text.From == "+12025550177");

        var next = bench.NewRequests(40);
        await bench.SendAsync(next);
        await Eventually.EqualAsync(40, () => bench.CountAsync(next, MessageState.Taken));

        Assert.InRange(refused, 1, 39);
        Assert.Equal(refused, bench.Provider.Texts.Count(text => text.From == "+12025550177"));
    }

    [Fact]
    public async Task Who_names_a_sender_whose_queue_is_full_waits_for_it_without_using_up_attempts()
    {
        await using var bench = await SendBench.StartAsync(database, redis, settings: ("SmsCrm:Dispatch:SenderRestSeconds", "3600"));
        bench.Provider.Answer = _ => Task.FromResult(QueueFull());
        var refused = bench.NewRequest();
        await bench.SendAsync(refused);
        await Eventually.EqualAsync(MessageState.Deferred, () => bench.StateAsync(refused));
        var request = bench.NewRequest();
        request.Sender = "+12025550101";

        await bench.SendAsync(request);

        await Eventually.EqualAsync((MessageState.Deferred, Reason.RetryBackoff), () => StateAndReasonAsync(bench, request));
        Assert.Equal(0, bench.Provider.CountOf(SendBench.IdOf(request)));
        Assert.Contains("more texts in the provider's queue", await bench.LastDetailAsync(request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_outcome_is_never_repeated()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        bench.Provider.Answer = _ => Task.FromResult<PostOutcome>(new PostOutcome.Unknown("no answer within 10000 ms"));
        var request = bench.NewRequest();

        await bench.SendAsync(request);
        await Eventually.EqualAsync(MessageState.Unknown, () => bench.StateAsync(request));
        await bench.SendAsync(request);

        Assert.Equal(1, bench.Provider.CountOf(SendBench.IdOf(request)));
    }

    [Fact]
    public async Task A_record_below_the_floor_is_a_dead_letter_for_its_row_may_have_been_dropped()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        var (old, good) = (bench.NewRequest(), bench.NewRequest());
        old.MessageId = ByteString.CopyFrom(new MessageId(Guid.CreateVersion7(TimeProvider.System.GetUtcNow().AddHours(-2))).ToBytes());
        await bench.ScalarAsync("UPDATE ledger_floor SET floor = uuid7_floor(now() - interval '1 hour')");

        await bench.SendAsync(old, good);

        await Eventually.EqualAsync(MessageState.Taken, () => bench.StateAsync(good));
        Assert.Contains("older than the ledger keeps rows", Assert.Single(bench.DeadLetters, letter => letter.Key == SendBench.IdOf(old)).Value, StringComparison.Ordinal);
        Assert.Equal((MessageState.None, 0), (await bench.StateAsync(old), bench.Provider.CountOf(SendBench.IdOf(old))));
    }

    [Fact]
    public async Task What_the_ledger_cannot_keep_keeps_nobody_of_its_batch_from_being_sent()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        var good = bench.NewRequests(50);
        var (outside, damaged) = (bench.NewRequest(), bench.NewRequest());
        outside.MessageId = ByteString.CopyFrom(new MessageId(Guid.CreateVersion7(TimeProvider.System.GetUtcNow().AddYears(20))).ToBytes());
        damaged.ClientReference = "before\0after";

        await bench.SendAsync([.. good[..25], outside, damaged, .. good[25..]]);

        await Eventually.EqualAsync(50, () => bench.CountAsync(good, MessageState.Taken));
        Assert.Equal([outside, damaged], new[] { outside, damaged }.Where(request => bench.DeadLetters.ContainsKey(SendBench.IdOf(request))));
        Assert.All(new[] { outside, damaged }, request => Assert.Equal(0, bench.Provider.CountOf(SendBench.IdOf(request))));
    }

    [Fact]
    public async Task A_straggler_delays_nobody()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        var requests = bench.NewRequests(50);
        var late = new TaskCompletionSource<PostOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var straggler = SendBench.IdOf(requests[0]);
        bench.Provider.Answer = text => text.Message == straggler ? late.Task : Task.FromResult(FakeProvider.Taken());

        await bench.SendAsync(requests);

        await Eventually.EqualAsync(49, () => bench.CountAsync(requests, MessageState.Taken));
        Assert.Equal(MessageState.Claimed, await bench.StateAsync(requests[0]));
        late.SetResult(FakeProvider.Taken());
        await Eventually.EqualAsync(50, () => bench.CountAsync(requests, MessageState.Taken));
    }

    private static PostOutcome QueueFull() => new PostOutcome.Throttled(21611, "This 'From' number has exceeded the maximum number of queued messages", null);

    private static async Task<(MessageState, Reason)> StateAndReasonAsync(SendBench bench, Contracts.V1.RequestRecord request)
    {
        var row = await bench.RowAsync(request);
        return (row.State, row.Reason);
    }
}
