using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using SmsCrm.Contracts.V1;
using SmsCrm.IntegrationTests.Links;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Server.Watch;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Server;

public sealed class WatchTests(CrmServer server) : IClassFixture<CrmServer>
{
    private static readonly WatchKind[] All = [WatchKind.Messages, WatchKind.Received, WatchKind.Clicked];

    [Fact]
    public async Task A_tenant_sees_its_own_events_from_now_on_and_nobody_elses()
    {
        var start = await server.Get<EventFeed>().EndAsync(default);
        var before = await EnqueueAsync("before");
        // A transaction of somebody else's that is open holds the feed's end back: until it is over, "before" still is to come.
        await Eventually.TrueAsync(async () => (await server.Get<EventFeed>().ReadAfterAsync(start, 1_000, default)) is FeedRead.Batch read
            && read.Items.OfType<FeedEvent>().Any(happened => happened.MessageId == before.Id));
        using var mine = await WatchAsync();
        using var others = await WatchAsync(key: server.OtherTenantKey);

        var message = await EnqueueAsync("after");

        var happened = await NextAsync(mine);
        Assert.Equal(message.Id.ToString(), happened.MessageId);
        Assert.Equal(("queued", "after", "ref", 1), (happened.Kind, happened.CampaignId, happened.ClientReference, happened.Version));
        Assert.False(await HasNextAsync(others));
    }

    [Fact]
    public async Task A_watch_goes_on_after_any_position_without_a_gap_or_a_repeat()
    {
        using var first = await WatchAsync();
        var sent = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            sent.Add((await EnqueueAsync("resumed")).Id.ToString());
        }

        var read = new List<string>();
        var position = "";
        for (var i = 0; i < 4; i++)
        {
            var happened = await NextAsync(first);
            read.Add(happened.MessageId);
            position = happened.Position;
        }

        using var second = await WatchAsync(position: position, campaign: "resumed");
        sent.Add((await EnqueueAsync("resumed")).Id.ToString());
        await EnqueueAsync("another");
        sent.Add((await EnqueueAsync("resumed")).Id.ToString());
        while (read.Count < sent.Count)
        {
            read.Add((await NextAsync(second)).MessageId);
        }

        Assert.Equal(sent, read);
    }

    [Fact]
    public async Task A_watch_that_joins_while_events_come_misses_none()
    {
        using var marker = await WatchAsync(campaign: "joined");
        await EnqueueAsync("joined");
        var start = (await NextAsync(marker)).Position;
        var writing = Task.Run(async () =>
        {
            var written = new List<string>();
            for (var i = 0; i < 60; i++)
            {
                written.Add((await EnqueueAsync("joined")).Id.ToString());
            }

            return written;
        });

        using var joining = await WatchAsync(position: start, campaign: "joined");
        var read = new List<string>();
        while (read.Count < 60)
        {
            read.Add((await NextAsync(joining)).MessageId);
        }

        Assert.Equal(await writing, read);
    }

    [Fact]
    public async Task Who_names_no_kinds_is_told_what_happens_to_messages_and_nothing_else()
    {
        using var watching = await WatchAsync(campaign: "unasked");
        var message = await EnqueueAsync("unasked");
        await ClickAsync(message);
        await WriteBackAsync(message);
        var last = await EnqueueAsync("unasked");

        Assert.Equal([message.Id.ToString(), last.Id.ToString()], new[] { (await NextAsync(watching)).MessageId, (await NextAsync(watching)).MessageId });
    }

    [Fact]
    public async Task Texts_and_clicks_are_told_between_the_events_of_messages_in_the_order_in_which_they_came()
    {
        using var watching = await WatchAsync(campaign: "all", kinds: All);
        using var others = await WatchAsync(key: server.OtherTenantKey, kinds: All);
        var message = await EnqueueAsync("all");
        await ClickAsync(message, HitFlags.Agent);
        await WriteBackAsync(message);
        await EnqueueAsync("all");

        var queued = await NextAsync(watching);
        var click = await NextAsync(watching);
        var text = await NextAsync(watching);

        Assert.Equal(("queued", MessageEvent.MoreOneofCase.None), (queued.Kind, queued.MoreCase));
        Assert.Equal(("clicked", message.Id.ToString(), 0, "ref", "all"), (click.Kind, click.MessageId, click.Version, click.ClientReference, click.CampaignId));
        Assert.Equal(new LinkClick { Placeholder = "offer", Url = Clicks.Url, Human = false, Flags = { "agent" }, To = "+14155550123" }, click.Clicked);
        Assert.Equal(("received", message.Id.ToString(), "", "all"), (text.Kind, text.MessageId, text.ClientReference, text.CampaignId));
        Assert.Equal(("+14155550123", "78701", "In red?", "help", 34), (
            text.Received.From, text.Received.To, text.Received.Body, text.Received.Keyword, text.Received.ProviderSid.Length));
        Assert.All([click, text], told => Assert.InRange(told.At.ToDateTimeOffset(), TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(5)));
        Assert.Equal("queued", (await NextAsync(watching)).Kind);
        Assert.False(await HasNextAsync(others));
    }

    [Fact]
    public async Task A_position_is_good_for_other_kinds_than_it_was_given_for()
    {
        using var all = await WatchAsync(campaign: "kinds", kinds: All);
        var message = await EnqueueAsync("kinds");
        await ClickAsync(message);
        await ClickAsync(message, HitFlags.Prefetch);
        await WriteBackAsync(message);
        await EnqueueAsync("kinds");
        var told = new List<MessageEvent>();
        while (told.Count < 5)
        {
            told.Add(await NextAsync(all));
        }

        // From each place on, what is left of the kind: nothing twice, nothing left out.
        Assert.Equal(["queued", "clicked", "clicked", "received", "queued"], told.Select(one => one.Kind));
        using var messages = await WatchAsync(told[1].Position, "kinds");
        using var clicks = await WatchAsync(told[1].Position, "kinds", kinds: WatchKind.Clicked);
        using var both = await WatchAsync(told[2].Position, "kinds", kinds: [WatchKind.Received, WatchKind.Messages]);
        Assert.Equal(told[4], await NextAsync(messages));
        Assert.Equal(told[2], await NextAsync(clicks));
        Assert.Equal([told[3], told[4]], new[] { await NextAsync(both), await NextAsync(both) });

        await ClickAsync(message);
        Assert.Equal("clicked", (await NextAsync(clicks)).Kind);
        Assert.False(await HasNextAsync(messages));
    }

    [Fact]
    public async Task Clicks_that_are_kept_no_longer_put_only_those_who_ask_for_clicks_out_of_range()
    {
        var position = (await server.Get<EventFeed>().EndAsync(default)).ToString();
        var message = await ClickedLongAgoAsync("kept");

        var clicks = await EndAsync(server.Watch(new WatchRequest { Position = position, Kinds = { WatchKind.Clicked } }));
        using var messages = await WatchAsync(position, "kept");

        Assert.Equal(StatusCode.OutOfRange, clicks);
        Assert.Equal(message.Id.ToString(), (await NextAsync(messages)).MessageId);
    }

    [Fact]
    public async Task A_tail_that_is_behind_the_clicks_that_are_kept_ends_only_those_who_ask_for_clicks()
    {
        var behind = await server.Get<EventFeed>().EndAsync(default);
        var message = await ClickedLongAgoAsync("behind");
        using var tail = new FeedTailLoop(server.Get<WatchFeeds>(), server.Get<WatchMetrics>(), TimeProvider.System, NullLogger<FeedTailLoop>.Instance);
        var messages = new WatchSubscription(server.Bench.Tenant, WatchKinds.Messages, bufferSize: 100);
        var clicks = new WatchSubscription(server.Bench.Tenant, WatchKinds.Messages | WatchKinds.Clicked, bufferSize: 100);
        tail.Join(messages, behind);
        tail.Join(clicks, behind);
        await tail.StartAsync(TestContext.Current.CancellationToken);

        var ended = await Assert.ThrowsAsync<WatchEndedException>(async () => await FirstAsync(clicks));
        var told = await FirstAsync(messages);
        await tail.StopAsync(default);

        Assert.Equal((WatchEnd.OutOfRange, message.Id), (ended.End, Assert.IsType<FeedEvent>(told).MessageId));

        static ValueTask<FeedItem> FirstAsync(WatchSubscription subscription) => subscription.ReadAsync(TestContext.Current.CancellationToken).FirstAsync();
    }

    [Theory]
    [InlineData(0, StatusCode.InvalidArgument, "kinds has WATCH_KIND_UNSPECIFIED")]
    [InlineData(99, StatusCode.Unimplemented, "kinds has 99, which this version does not know")]
    public async Task What_is_no_kind_is_refused(int kind, StatusCode status, string sentence)
    {
        var call = server.Watch(new WatchRequest { Kinds = { WatchKind.Clicked, (WatchKind)kind } });

        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        Assert.Equal(status, refused.StatusCode);
        Assert.Contains(sentence, refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_newer_client_asks_for_and_this_version_does_not_know_is_refused()
    {
        // Field 15, a varint.
        var request = WatchRequest.Parser.ParseFrom([0x78, 1]);

        Assert.Equal(StatusCode.Unimplemented, await EndAsync(server.Watch(request)));
    }

    [Fact]
    public async Task A_position_of_another_database_is_out_of_range()
    {
        var foreign = new FeedPosition(1, 1, 100, 1).ToString();

        Assert.Equal(StatusCode.OutOfRange, await EndAsync(server.Watch(new WatchRequest { Position = foreign })));
    }

    [Fact]
    public async Task What_is_no_position_is_an_invalid_argument() =>
        Assert.Equal(StatusCode.InvalidArgument, await EndAsync(server.Watch(new WatchRequest { Position = "yesterday" })));

    [Fact]
    public async Task Nobody_watches_without_a_key() =>
        Assert.Equal(StatusCode.Unauthenticated, await EndAsync(server.Watch(new WatchRequest(), key: "smscrm_none")));

    private static async Task<StatusCode> EndAsync(AsyncServerStreamingCall<MessageEvent> call) =>
        (await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))).StatusCode;

    private static async Task<MessageEvent> NextAsync(AsyncServerStreamingCall<MessageEvent> call)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Assert.True(await call.ResponseStream.MoveNext(deadline.Token));
        return call.ResponseStream.Current;
    }

    /// <summary>Nothing comes within a moment in which the tail reads several times.</summary>
    private static async Task<bool> HasNextAsync(AsyncServerStreamingCall<MessageEvent> call)
    {
        using var moment = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        try
        {
            return await call.ResponseStream.MoveNext(moment.Token);
        }
        catch (RpcException ended) when (ended.StatusCode == StatusCode.Cancelled)
        {
            return false;
        }
    }

    private async Task<AsyncServerStreamingCall<MessageEvent>> WatchAsync(
        string position = "", string campaign = "", string? key = null, params WatchKind[] kinds)
    {
        var call = server.Watch(new WatchRequest { Position = position, CampaignId = campaign, Kinds = { kinds } }, key);
        await call.ResponseHeadersAsync;
        return call;
    }

    private async Task<AcceptedMessage> EnqueueAsync(string campaign)
    {
        var message = server.Bench.NewMessage(campaign: campaign).WithLink();
        await server.Bench.Ledger.EnqueueAsync([message], default);
        return message;
    }

    /// <summary>A message with a click that is removed as too old, when the server's one tail is past it: of hits that are so old it has told long before.</summary>
    private async Task<AcceptedMessage> ClickedLongAgoAsync(string campaign)
    {
        using var told = await WatchAsync(campaign: campaign, kinds: All);
        var message = await EnqueueAsync(campaign);
        await Clicks.WriteAsync(server.Bench.Postgres, message.Hit(id: Guid.CreateVersion7(TimeProvider.System.GetUtcNow().AddDays(-31))));
        Assert.Equal(["queued", "clicked"], new[] { (await NextAsync(told)).Kind, (await NextAsync(told)).Kind });

        // Those the call may have read by itself before it joined the tail.
        await EnqueueAsync(campaign);
        await NextAsync(told);
        await Clicks.RemoveOldAsync(server.Bench.Postgres);
        return message;
    }

    private Task ClickAsync(AcceptedMessage message, HitFlags flags = HitFlags.None) => Clicks.WriteAsync(server.Bench.Postgres, message.Hit(flags));

    private Task WriteBackAsync(AcceptedMessage message) => server.Bench.ScalarAsync<int>($"""
        INSERT INTO inbound_texts (sid, sid_kind, tenant_id, account_id, number, to_address, body, keyword, found_by, reply_to, reply_campaign)
        VALUES (gen_random_uuid(), 'S', '{message.Tenant}', gen_random_uuid(), {message.Recipient.Digits}, '78701', 'In red?', 2, 0, '{message.Id}', '{message.CampaignId}')
        """);
}
