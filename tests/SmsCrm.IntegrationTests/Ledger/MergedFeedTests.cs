using Npgsql;
using SmsCrm.IntegrationTests.Links;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Receipts.Inbound;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

/// <summary>Events, texts and clicks in one order, with one position.</summary>
public sealed class MergedFeedTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncDisposable
{
    private readonly LedgerBench _bench = new(database);

    private MergedFeed All => new(_bench.Get<EventFeed>(), new InboundFeed(_bench.Postgres), Hits);

    private ClickFeed Hits => new(_bench.Postgres);

    [Theory]
    [InlineData("event")]
    [InlineData("text")]
    [InlineData("click")]
    public async Task While_a_transaction_of_one_feed_is_open_what_others_commit_waits_behind_it(string late)
    {
        var start = await All.EndAsync(default);
        await using var connection = await _bench.OpenSessionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await WriteAsync(connection, late);
        foreach (var kind in (string[])["text", "event", "click"])
        {
            await using var other = await _bench.Postgres.OpenConnectionAsync();
            await WriteAsync(other, kind);
        }

        var during = await ReadAsync(start);
        await transaction.CommitAsync();

        Assert.Empty(Ours(during));
        await Eventually.PassesAsync(async () =>
            Assert.Equal([late, "text", "event", "click"], Ours(await ReadAsync(during.Position)).Select(NameOf)));
    }

    [Fact]
    public async Task Many_writers_into_all_feeds_are_read_once_each_and_in_order_in_batches_of_any_size()
    {
        var position = await All.EndAsync(default);
        var writers = ((string[])["event", "text", "click", "click"]).Select(async kind =>
        {
            await using var connection = await _bench.Postgres.OpenConnectionAsync();
            for (var i = 0; i < 50; i++)
            {
                await WriteAsync(connection, kind);
            }
        }).ToList();
        var read = new List<FeedItem>();

        await Eventually.PassesAsync(async () =>
        {
            var batch = await ReadAsync(position, limit: 7);
            position = batch.Position;
            read.AddRange(Ours(batch));
            Assert.Equal(200, read.Count);
        });

        await Task.WhenAll(writers);
        Assert.Equal(200, read.Select(item => item.Position).Distinct().Count());
        Assert.Equal(read.OrderBy(item => (item.Position.Transaction, item.Position.Sequence)), read);
        Assert.Equal((50, 50, 100), (read.Count(item => item is FeedEvent), read.Count(item => item is InboundEvent), read.Count(item => item is ClickEvent)));
    }

    [Fact]
    public async Task A_hit_that_is_written_again_is_told_once_and_a_HEAD_request_never()
    {
        var start = await All.EndAsync(default);
        var message = _bench.NewMessage();
        var hit = message.Hit();

        await Clicks.WriteAsync(_bench.Postgres, hit, message.Hit(HitFlags.Head), message.Hit(HitFlags.Head | HitFlags.Agent));
        await Clicks.WriteAsync(_bench.Postgres, hit, message.Hit(HitFlags.Prefetch));

        await Eventually.PassesAsync(async () => Assert.Equal(
            [HitFlags.None, HitFlags.Prefetch], Of((await ReadAsync(start)).Items, message).Select(click => click.Flags)));
    }

    [Fact]
    public async Task A_click_comes_with_what_its_message_says_where_that_is_known_and_looked_up()
    {
        var start = await All.EndAsync(default);
        var (message, unreadable, gone) = (_bench.NewMessage().WithLink(), _bench.NewMessage(), _bench.NewMessage());
        await _bench.Ledger.EnqueueAsync([message, unreadable], default);
        await Clicks.WriteAsync(_bench.Postgres, message.Hit(), unreadable.Hit(), gone.Hit());

        await Eventually.PassesAsync(async () =>
        {
            var all = (await ReadAsync(start)).Items;
            var others = Assert.IsType<FeedRead.Batch>(await All.ReadAfterAsync(start, 1_000, default, [Guid.CreateVersion7()])).Items;
            Assert.Equal([(Clicks.Url, message.Recipient, "ref", "spring")], Of(all, message).Select(Said));
            Assert.Equal([("", message.Recipient, "ref", "spring")], Of(all, unreadable).Select(Said));
            Assert.Equal([("", null, "", "spring")], Of(all, gone).Select(Said));
            Assert.Equal([("", null, "", "spring")], Of(others, message).Select(Said));
        });
    }

    [Fact]
    public async Task Where_hits_were_removed_a_position_is_out_of_range_for_clicks_and_for_nothing_else()
    {
        var old = await All.EndAsync(default);
        var message = _bench.NewMessage();
        await Clicks.WriteAsync(_bench.Postgres, message.Hit(id: Guid.CreateVersion7(TimeProvider.System.GetUtcNow().AddDays(-31))), message.Hit());
        await Eventually.PassesAsync(async () => Assert.Equal(2, Of((await ReadAsync(old)).Items, message).Count));
        var after = await All.EndAsync(default);

        await Clicks.RemoveOldAsync(_bench.Postgres);

        Assert.IsType<FeedRead.OutOfRange>(await Hits.ReadAfterAsync(old, 10, default));
        Assert.IsType<FeedRead.OutOfRange>(await All.ReadAfterAsync(old, 10, default));
        Assert.IsType<FeedRead.Batch>(await Hits.ReadAfterAsync(after, 10, default));
        Assert.IsType<FeedRead.Batch>(await new MergedFeed(_bench.Get<EventFeed>(), new InboundFeed(_bench.Postgres)).ReadAfterAsync(old, 10, default));
        await _bench.ScalarAsync<int>("UPDATE link_hit_floor SET feed_floor = '0'");
    }

    [Fact]
    public async Task Who_may_lack_clicks_is_told_everything_else_and_the_clicks_that_are_kept()
    {
        var old = await All.EndAsync(default);
        var message = _bench.NewMessage();
        await _bench.Ledger.EnqueueAsync([message], default);
        await Clicks.WriteAsync(_bench.Postgres, message.Hit(id: Guid.CreateVersion7(TimeProvider.System.GetUtcNow().AddDays(-31))));
        await Clicks.WriteAsync(_bench.Postgres, message.Hit(HitFlags.Agent));
        await Eventually.PassesAsync(async () => Assert.Equal(2, Of((await ReadAsync(old)).Items, message).Count));
        await Clicks.RemoveOldAsync(_bench.Postgres);
        var clicks = Hits;
        var feed = new MergedFeed(_bench.Get<EventFeed>(), new InboundFeed(_bench.Postgres), clicks) { MayLack = clicks };

        var (told, position) = (new List<FeedItem>(), old);
        await Eventually.PassesAsync(async () =>
        {
            var batch = Assert.IsType<FeedRead.Batch>(await feed.ReadAfterAsync(position, 10, default));
            position = batch.Position;
            told.AddRange(Ours(batch));
            Assert.Equal(2, told.Count);
        });

        Assert.Equal(["event", "click"], told.Select(NameOf));
        Assert.Equal(HitFlags.Agent, Of(told, message).Single().Flags);
        Assert.IsType<FeedRead.OutOfRange>(await feed.ReadAfterAsync(old with { Timeline = 99 }, 10, default));
        await _bench.ScalarAsync<int>("UPDATE link_hit_floor SET feed_floor = '0'");
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    /// <summary>Of this test alone: what an earlier one wrote may stand behind the end as well, where a transaction of another database was open then.</summary>
    private List<FeedItem> Ours(FeedRead.Batch read) => [.. read.Items.Where(item => item.Tenant == _bench.Tenant)];

    private static List<ClickEvent> Of(IReadOnlyList<FeedItem> items, AcceptedMessage message) =>
        [.. items.OfType<ClickEvent>().Where(click => click.MessageId == message.Id)];

    private static (string Url, PhoneNumber? To, string Reference, string Campaign) Said(ClickEvent click) =>
        (click.Url, click.Recipient, click.ClientReference, click.CampaignId);

    private static string NameOf(FeedItem item) => item switch { FeedEvent => "event", InboundEvent => "text", _ => "click" };

    private async Task<FeedRead.Batch> ReadAsync(FeedPosition position, int limit = 1_000) =>
        Assert.IsType<FeedRead.Batch>(await All.ReadAfterAsync(position, limit, default));

    private async Task WriteAsync(NpgsqlConnection connection, string kind)
    {
        await using var write = new NpgsqlCommand(
            kind switch
            {
                "event" => "INSERT INTO message_events (message_id, version, kind, attempt, tenant_id) VALUES (uuid7_floor(now()), 1, 1, 0, $1)",
                "text" => "INSERT INTO inbound_texts (sid, sid_kind, tenant_id, account_id, number, to_address, body, found_by)"
                    + " VALUES (gen_random_uuid(), 'S', $1, gen_random_uuid(), 14155550123, '78701', 'Hello', 0)",
                _ => "INSERT INTO link_hits (id, message_id, tenant_id, campaign_id, placeholder, at, flags)"
                    + " VALUES (gen_random_uuid(), uuid7_floor(now()), $1, '', 'offer', now(), 0)",
            },
            connection);
        write.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = _bench.Tenant.Value });
        await write.ExecuteNonQueryAsync();
    }
}
