using SmsCrm.Pipeline;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.SendPipeline;

public sealed class PacingTests(DatabaseFixture database, RedisFixture redis)
    : IClassFixture<DatabaseFixture>, IClassFixture<RedisFixture>
{
    [Fact]
    public async Task What_does_not_fit_the_rate_waits_and_comes_back_in_its_order()
    {
        await using var bench = await SendBench.StartAsync(database, redis, segmentsPerSecond: 20);
        var requests = bench.NewRequests(80, Purpose.Marketing, "spring");

        await bench.SendAsync(requests);

        await Eventually.EqualAsync(80, () => bench.CountAsync(requests, MessageState.Taken));
        Assert.NotEqual(0L, await bench.ScalarAsync("SELECT count(*) FROM message_events WHERE kind = 2 AND reason = $1", (short)Reason.Pacing));
        Assert.All(requests, request => Assert.Equal(1, bench.Provider.CountOf(SendBench.IdOf(request))));
        Assert.Equal(0L, await bench.ScalarAsync("SELECT count(*) FROM waiting WHERE tenant_id = $1", bench.Tenant.Value));
    }

    [Fact]
    public async Task A_small_campaign_does_not_wait_for_a_large_ones_end()
    {
        await using var bench = await SendBench.StartAsync(database, redis, segmentsPerSecond: 20);
        var large = bench.NewRequests(600, Purpose.Marketing, "large");
        var small = bench.NewRequests(10, Purpose.Marketing, "small");
        await bench.SendAsync(large);

        await bench.SendAsync(small);
        await Eventually.EqualAsync(10, () => bench.CountAsync(small, MessageState.Taken));

        // Half a minute of work was before it, and most of it still is to be done.
        Assert.InRange(await bench.CountAsync(large, MessageState.Taken), 0, 300);
    }

    /// <summary>
    /// A campaign of a sender of one segment a second, a tenant whose account hangs, and a small tenant share a partition: each batch holds all three.
    /// The small tenant's message leaves in the round of the batch that brings it, each time: nothing of the next batch is there before it went.
    /// </summary>
    [Fact]
    public async Task A_small_tenants_message_leaves_in_the_round_that_brings_it_whoever_shares_its_partition()
    {
        const int Rounds = 30;
        await using var bench = await SendBench.StartAsync(database, redis, segmentsPerSecond: 1);
        var (hanging, hangingAccount) = await bench.AddAnotherTenantAsync();
        var (small, _) = await bench.AddAnotherTenantAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bench.Provider.Hanging = (account => account.Id == hangingAccount, release.Task);

        for (var round = 0; round < Rounds; round++)
        {
            var message = bench.NewRequestOf(small);
            await bench.SendAsync(
                [.. bench.NewRequests(300, Purpose.Marketing, "large"), .. Enumerable.Range(0, 100).Select(_ => bench.NewRequestOf(hanging)), message]);
            await Eventually.TrueAsync(() => bench.Provider.CountOf(SendBench.IdOf(message)) == 1);
        }

        var (ofHanging, ofLarge) = (bench.Provider.Texts.Count(text => text.Tenant == hanging), bench.Provider.Texts.Count(text => text.Tenant == bench.Tenant));
        release.SetResult();
        Assert.InRange(ofHanging, 1, 64);
        Assert.InRange(ofLarge, 1, Rounds * 300 / 2);
    }

    [Fact]
    public async Task What_a_paused_campaign_holds_is_not_given_out_only_to_come_back()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        await bench.PauseCampaignAsync("spring");
        var paused = bench.NewRequests(20, Purpose.Marketing, "spring");
        await bench.SendAsync(paused);
        await Eventually.EqualAsync(20, () => bench.CountAsync(paused, MessageState.Deferred));
        var (version, due) = ("SELECT sum(version) FROM messages WHERE campaign_id = 'spring'", "UPDATE waiting SET due_at = now() - interval '1 minute'");
        await bench.ScalarAsync(due);
        var before = await bench.ScalarAsync(version);

        // These wait as well, and are behind it: rounds were made when they went.
        for (var i = 0; i < 5; i++)
        {
            var other = bench.NewRequest(Purpose.Marketing, "summer");
            other.SendAt = SendBench.In(TimeSpan.FromMilliseconds(300));
            await bench.SendAsync(other);
            await Eventually.EqualAsync(MessageState.Taken, () => bench.StateAsync(other));
        }

        Assert.Equal(before, await bench.ScalarAsync(version));
    }

    [Fact]
    public async Task A_one_time_code_passes_a_campaigns_backlog()
    {
        await using var bench = await SendBench.StartAsync(database, redis, segmentsPerSecond: 20);
        var campaign = bench.NewRequests(600, Purpose.Marketing, "large");
        var code = bench.NewRequest();
        await bench.SendAsync(campaign);

        await bench.SendAsync(code);
        await Eventually.EqualAsync(MessageState.Taken, () => bench.StateAsync(code));

        Assert.InRange(await bench.CountAsync(campaign, MessageState.Taken), 0, 300);
    }

    [Fact]
    public async Task Who_waits_for_a_carrier_class_lets_the_rest_of_its_campaign_pass()
    {
        await using var bench = await SendBench.StartAsync(database, redis, settings: ("SmsCrm:Pacing:CarrierRates:CA", "1"));
        var slow = bench.NewRequests(200, Purpose.Marketing, "spring");
        Array.ForEach(slow, request => request.Country = "CA");
        await bench.SendAsync(slow);
        await Eventually.TrueAsync(async () => await bench.CountAsync(slow, MessageState.Deferred) > 150);

        var others = bench.NewRequests(100, Purpose.Marketing, "spring");
        await bench.SendAsync(others);

        await Eventually.EqualAsync(100, () => bench.CountAsync(others, MessageState.Taken));
        Assert.NotEqual(0, await bench.CountAsync(slow, MessageState.Deferred));
    }

    [Fact]
    public async Task While_Redis_is_away_it_holds_and_then_goes_on_by_itself()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        var requests = bench.NewRequests(30);
        await redis.Server.KillAsync();

        var sending = bench.SendAsync(requests);
        await Eventually.TrueAsync(() => bench.Hold.Reasons.Contains(HoldReason.RedisAway));
        Assert.All(requests, request => Assert.Equal(0, bench.Provider.CountOf(SendBench.IdOf(request))));
        Assert.Equal(0, await bench.CountAsync(requests, MessageState.Deferred));
        await redis.Server.StartAgainAsync();

        await sending;
        await Eventually.EqualAsync(30, () => bench.CountAsync(requests, MessageState.Taken));
        await Eventually.TrueAsync(() => bench.Hold.Reasons.Count == 0);
        Assert.All(requests, request => Assert.Equal(1, bench.Provider.CountOf(SendBench.IdOf(request))));
    }

    [Fact]
    public async Task What_nobody_took_up_is_fed_from_its_row_where_the_broker_forgets()
    {
        await using var bench = await SendBench.StartAsync(database, redis, settings: ("SmsCrm:Waiting:FeedQueuedAfterMs", "200"));
        var requests = bench.NewRequests(300);

        await bench.EnqueueAsync(requests);

        await Eventually.EqualAsync(300, () => bench.CountAsync(requests, MessageState.Taken));
        Assert.All(requests, request => Assert.Equal(1, bench.Provider.CountOf(SendBench.IdOf(request))));
    }
}
