using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

public sealed class EventFeedTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncDisposable
{
    private readonly LedgerBench _bench = new(database);

    private EventFeed Feed => _bench.Get<EventFeed>();

    [Fact]
    public async Task A_transaction_that_commits_late_is_not_skipped()
    {
        var start = await Feed.EndAsync(default);
        await using var early = await _bench.OpenSessionAsync();
        await using var transaction = await early.BeginTransactionAsync();
        await using (var write = new NpgsqlCommand(
            $"INSERT INTO message_events (message_id, version, kind, attempt, tenant_id, detail) VALUES (uuid7_floor(now()), 1, 1, 0, '{_bench.Tenant}', 'late')", early))
        {
            await write.ExecuteNonQueryAsync();
        }

        var message = _bench.NewMessage();
        await _bench.Ledger.EnqueueAsync([message], default);

        var during = await ReadAsync(start);
        await transaction.CommitAsync();

        Assert.Empty(Ours(during));

        // Transactions of other databases on the same server hold the bound back as well.
        await Eventually.PassesAsync(async () =>
        {
            var after = await ReadAsync(during.Position);
            Assert.Equal(["late", null], Ours(after).Select(e => e.Detail));
            Assert.Equal(message.Id, Ours(after)[1].MessageId);
            Assert.Equal(("ref", "spring"), (Ours(after)[1].ClientReference, Ours(after)[1].CampaignId));
        });
    }

    [Fact]
    public async Task Many_writers_at_once_are_read_once_each_in_batches_of_any_size()
    {
        var position = await Feed.EndAsync(default);
        var writers = Enumerable.Range(0, 4).Select(async _ =>
        {
            for (var i = 0; i < 25; i++)
            {
                await _bench.Ledger.EnqueueAsync([_bench.NewMessage(), _bench.NewMessage()], default);
            }
        }).ToList();
        var read = new List<(MessageId, int)>();

        var done = false;
        while (!done)
        {
            done = writers.TrueForAll(writer => writer.IsCompleted);
            FeedRead.Batch batch;
            do
            {
                batch = await ReadAsync(position, limit: 7);
                read.AddRange(Ours(batch).Select(e => (e.MessageId, e.Version)));
                position = batch.Position;
            }
            while (batch.More);
        }

        await Task.WhenAll(writers);
        await Eventually.PassesAsync(async () =>
        {
            var rest = await ReadAsync(position);
            read.AddRange(Ours(rest).Select(e => (e.MessageId, e.Version)));
            position = rest.Position;
            Assert.Equal(200, read.Count);
        });
        Assert.Equal(200, read.Distinct().Count());
    }

    [Fact]
    public async Task Of_tenants_that_need_not_be_looked_up_events_come_without_what_their_messages_say()
    {
        var start = await Feed.EndAsync(default);
        var (known, other) = (_bench.NewMessage(), _bench.NewMessage() with { Tenant = new TenantId(Guid.CreateVersion7()) });
        await _bench.Ledger.EnqueueAsync([known, other], default);

        await Eventually.PassesAsync(async () =>
        {
            var read = Assert.IsType<FeedRead.Batch>(await Feed.ReadAfterAsync(start, 1_000, default, [known.Tenant.Value]));
            var (ofKnown, ofOther) = (Events(read).Single(e => e.MessageId == known.Id), Events(read).Single(e => e.MessageId == other.Id));
            Assert.Equal((known.Recipient, "ref", "spring"), (ofKnown.Recipient, ofKnown.ClientReference, ofKnown.CampaignId));
            Assert.Equal((null, "", ""), (ofOther.Recipient, ofOther.ClientReference, ofOther.CampaignId));
        });
    }

    [Fact]
    public async Task A_position_of_another_database_or_from_before_what_is_kept_is_out_of_range()
    {
        var position = await Feed.EndAsync(default);
        await _bench.Ledger.EnqueueAsync([_bench.NewMessage()], default);

        var foreign = await Feed.ReadAfterAsync(position with { SystemIdentifier = 1 }, 10, default);
        var ahead = await Feed.ReadAfterAsync(position with { Transaction = position.Transaction + 1_000_000 }, 10, default);
        await _bench.ScalarAsync<int>("UPDATE ledger_floor SET feed_floor = pg_snapshot_xmin(pg_current_snapshot())");
        var old = await Feed.ReadAfterAsync(position, 10, default);
        await _bench.ScalarAsync<int>("UPDATE ledger_floor SET feed_floor = '0'");

        Assert.All([foreign, ahead, old], read => Assert.IsType<FeedRead.OutOfRange>(read));
    }

    private async Task<FeedRead.Batch> ReadAsync(FeedPosition position, int limit = 1000) =>
        Assert.IsType<FeedRead.Batch>(await Feed.ReadAfterAsync(position, limit, default));

    private static List<FeedEvent> Events(FeedRead.Batch read) => [.. read.Items.Cast<FeedEvent>()];

    /// <summary>
    /// Of this test alone: what an earlier one wrote may stand behind the end as well, where a transaction of another database that was open then is over now.
    /// </summary>
    private List<FeedEvent> Ours(FeedRead.Batch read) => Events(read).FindAll(e => e.Tenant == _bench.Tenant);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
