using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Storage;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

/// <summary>A feed is read several times a second and for ever: what a read costs must not grow with what is kept.</summary>
public sealed class FeedPlanTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncDisposable
{
    private readonly LedgerBench _bench = new(database);

    [Fact]
    public async Task Planned_once_for_every_position_a_feed_looks_messages_up_and_takes_its_rows_in_order()
    {
        await _bench.ScalarAsync<int>(
            """
            INSERT INTO messages (id, tenant_id, recipient, state, version, purpose, segments, updated_at, accepted_on)
              SELECT gen_id, gen_id, 14155550123, 8, 1, 1, 1, now(), now()
              FROM (SELECT (left(uuid7_floor(now())::text, 14) || '7' || substr(md5(i::text), 1, 3) || '-8' || substr(md5(i::text), 4, 3) || '-' || substr(md5(i::text), 7, 12))::uuid AS gen_id
                    FROM generate_series(1, 50000) i) made;
            INSERT INTO message_events (message_id, version, kind, attempt, tenant_id) SELECT id, 1, 1, 0, tenant_id FROM messages;
            INSERT INTO link_hits (id, message_id, tenant_id, campaign_id, placeholder, at, flags) SELECT id, id, tenant_id, '', 'offer', now(), 0 FROM messages;
            ANALYZE
            """);

        foreach (var feed in new Feed[] { new EventFeed(_bench.Postgres), new ClickFeed(_bench.Postgres) })
        {
            var plan = await GenericPlanAsync(feed.Text(limit: 2_000));

            Assert.DoesNotContain("Seq Scan on messages", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("Seq Scan on message_events_", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("Seq Scan on link_hits", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("Hash", plan, StringComparison.Ordinal);
        }
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private async Task<string> GenericPlanAsync(string sql)
    {
        await using var session = await _bench.Get<PostgresConnections>().OpenSessionAsync(default);
        await using var prepare = new NpgsqlCommand($"BEGIN; {LedgerSql.LookUpOneByOne}; SET LOCAL plan_cache_mode = force_generic_plan; PREPARE feed (xid8, bigint, uuid[]) AS {sql}", session);
        await prepare.ExecuteNonQueryAsync();
        await using var explain = new NpgsqlCommand("EXPLAIN EXECUTE feed ('3', -1, NULL)", session);
        await using var reader = await explain.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }
}
