using Npgsql;
using SmsCrm.Chaos;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.EndToEndTests;

/// <summary>
/// The process of the role <c>record</c> killed (kill -9) over and over while callbacks pour in, out of order and three times each: final states and every rollup
/// equal a recount of the events. SMSCRM_STORM_MESSAGES says how many messages (2,000), SMSCRM_TEST_SEED when it is killed.
/// </summary>
[Collection(nameof(Alone))]
public sealed class RecordKilledTests
{
    private const int Kills = 10;
    private const string Campaign = "storm";

    [Fact]
    public async Task Counts_are_a_recount_of_the_events_after_the_record_role_was_killed_ten_times()
    {
        var messages = TestRun.Setting("SMSCRM_STORM_MESSAGES", 2_000);
        var random = new Random(TestRun.Seed());
        await using var system = await TestSystem.StartAsync(KafkaKind.Embedded, roles: "ingest,send,crm");
        await using var postgres = NpgsqlDataSource.Create(system.PostgresConnectionString);
        using var provider = new Provider(system);
        await provider.SetKnobsAsync(
            """
            {"rates":{"shortCode":10000},"callbacks":{"sentAfterMs":500,"finalAfterMs":3000,"outOfOrderRate":0.5,"duplicateRate":1,"duplicates":2},
             "delivery":{"undelivered":[{"code":30003,"share":0.2}]}}
            """);
        using var api = await Api.OfAsync(system);
        var upstream = new UpstreamSender(api.Grpc, api.Headers, messages, Campaign) { Released = 0 };
        var sending = upstream.RunAsync(TestContext.Current.CancellationToken);

        var lives = await KillAsync(system, postgres, random, kill => upstream.Released = kill == Kills ? messages : messages * kill / Kills);

        await using var record = await Role.StartAsync(system, "record");
        var accepted = await sending;
        await using var ledger = new Ledger(system);
        var ended = await ledger.WaitUntilAllEndedAsync(accepted, TimeSpan.FromMinutes(4) + TimeSpan.FromMilliseconds(5 * messages));
        TestRun.Say($"{messages} messages: {ended}; killed {Kills} times, {lives} of them in the middle of its work");
        Assert.Equal(Kills, lives);
        Assert.Equal(messages, ended[MessageState.Delivered] + ended[MessageState.Undelivered]);
        Assert.NotEqual(0, ended[MessageState.Undelivered]);
        await Eventually.PassesAsync(
            async () => Assert.Contains("all agree", await system.RunCommandAsync(["ledger", "verify", "--grace", "0"]), StringComparison.Ordinal),
            TimeSpan.FromMinutes(1));
        Assert.Equal(0L, await ScalarAsync(postgres, RecountSql));
    }

    /// <summary>A tenth of the messages for each life; each ends soon after its first new words are written, so in the middle of its work.</summary>
    /// <returns>In how many lives it had written some.</returns>
    private static async Task<int> KillAsync(LocalSystem system, NpgsqlDataSource postgres, Random random, Action<int> release)
    {
        var (lives, before) = (0, 0L);
        for (var kill = 1; kill <= Kills; kill++)
        {
            await using var record = await Role.StartAsync(system, "record");
            release(kill);
            await Eventually.TrueAsync(async () => await WordsAsync(postgres) > before, TimeSpan.FromMinutes(2));
            await Task.Delay(random.Next(0, 400), TestContext.Current.CancellationToken);
            await record.KillAsync();
            var now = await WordsAsync(postgres);
            (lives, before) = (lives + (now > before ? 1 : 0), now);
        }

        return lives;
    }

    // States and quarter-hours as the events tell them against what the rollups say.
    private const string RecountSql = """
        WITH folded AS (
          SELECT message_id, coalesce(max(kind) FILTER (WHERE kind BETWEEN 5 AND 9), (array_agg(kind ORDER BY version DESC))[1]) AS state
          FROM message_events WHERE kind < 20 GROUP BY message_id
        ), by_state AS (
          SELECT m.tenant_id, m.campaign_id, m.accepted_on AS day, f.state, count(*) AS messages, sum(m.segments) AS segments
          FROM folded f JOIN messages m ON m.id = f.message_id GROUP BY 1, 2, 3, 4
        ), counted AS (
          SELECT tenant_id, campaign_id, day, state, sum(messages) AS messages, sum(segments) AS segments FROM (
            SELECT tenant_id, campaign_id, day, state, messages, segments FROM message_counts
            UNION ALL SELECT tenant_id, campaign_id, day, state, messages, segments FROM count_deltas) all_counts
          GROUP BY 1, 2, 3, 4 HAVING sum(messages) <> 0
        ), by_quarter AS (
          SELECT tenant_id, date_bin('15 minutes', at, '1970-01-01T00:00Z') AS quarter, kind, count(*) AS events FROM message_events GROUP BY 1, 2, 3
          UNION ALL SELECT tenant_id, date_bin('15 minutes', uuid7_time(id), '1970-01-01T00:00Z'), 0, count(*) FROM messages GROUP BY 1, 2
        ), quarters AS (
          SELECT tenant_id, quarter, kind, sum(events) AS events FROM (
            SELECT tenant_id, quarter, kind, events FROM event_counts UNION ALL SELECT tenant_id, quarter, kind, events FROM event_count_deltas) all_events
          GROUP BY 1, 2, 3
        )
        SELECT (SELECT count(*) FROM messages m FULL JOIN folded f ON f.message_id = m.id WHERE m.state IS DISTINCT FROM f.state)
          + (SELECT count(*) FROM counted c FULL JOIN by_state b USING (tenant_id, campaign_id, day, state)
             WHERE c.messages IS DISTINCT FROM b.messages OR c.segments IS DISTINCT FROM b.segments)
          + (SELECT count(*) FROM quarters q FULL JOIN by_quarter b USING (tenant_id, quarter, kind) WHERE q.events IS DISTINCT FROM b.events)
        """;

    private static Task<long> WordsAsync(NpgsqlDataSource postgres) =>
        ScalarAsync(postgres, "SELECT count(*) FROM message_events WHERE kind BETWEEN 6 AND 9");

    private static async Task<long> ScalarAsync(NpgsqlDataSource postgres, string sql)
    {
        await using var command = postgres.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
