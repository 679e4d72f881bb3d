using Grpc.Core;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Server;

public sealed class WatchTests(CrmServer server) : IClassFixture<CrmServer>
{
    [Fact]
    public async Task A_tenant_sees_its_own_events_from_now_on_and_nobody_elses()
    {
        var start = await server.Get<EventFeed>().EndAsync(default);
        var before = await EnqueueAsync("before");
        // A transaction of somebody else's that is open holds the feed's end back: until it is over, "before" still is to come.
        await Eventually.TrueAsync(async () => (await server.Get<EventFeed>().ReadAfterAsync(start, 1_000, default)) is FeedRead.Batch read
            && read.Events.Any(happened => happened.MessageId == before.Id));
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

    private async Task<AsyncServerStreamingCall<MessageEvent>> WatchAsync(string position = "", string campaign = "", string? key = null)
    {
        var call = server.Watch(new WatchRequest { Position = position, CampaignId = campaign }, key);
        await call.ResponseHeadersAsync;
        return call;
    }

    private async Task<AcceptedMessage> EnqueueAsync(string campaign)
    {
        var message = server.Bench.NewMessage(campaign: campaign);
        await server.Bench.Ledger.EnqueueAsync([message], default);
        return message;
    }
}
