using Npgsql;
using SmsCrm.IntegrationTests.Ledger;
using SmsCrm.Reporting.Conversations;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Receipts;

/// <summary>A page of a conversation costs by what that number has, not by what is kept of everybody.</summary>
public sealed class ConversationPlanTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncDisposable
{
    private readonly LedgerBench _bench = new(database);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_page_is_read_by_the_numbers_own_indexes()
    {
        await _bench.ScalarAsync<int>(
            $"""
            INSERT INTO messages (id, tenant_id, recipient, state, version, purpose, segments, updated_at, accepted_on, claimed_at)
              SELECT (left(uuid7_floor(now())::text, 14) || '7' || substr(md5(i::text), 1, 3) || '-8' || substr(md5(i::text), 4, 3) || '-' || substr(md5(i::text), 7, 12))::uuid,
                '{_bench.Tenant}', 14155550000 + i % 2000, 8, 1, 1, 1, now(), now(), now()
              FROM generate_series(1, 50000) i;
            INSERT INTO inbound_texts (sid, sid_kind, tenant_id, account_id, number, to_address, body, found_by)
              SELECT md5(i::text)::uuid, 'S', '{_bench.Tenant}', '{_bench.Account}', 14155550000 + i % 2000, '78701', 'Hello', 1 FROM generate_series(1, 50000) i;
            ANALYZE
            """);

        var plan = await PlanAsync();

        // Partitions without a row may be read as they are.
        var filled = await _bench.ScalarAsync<string>("SELECT tableoid::regclass::text FROM messages LIMIT 1");
        Assert.DoesNotContain($"Seq Scan on {filled}", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on inbound_texts", plan, StringComparison.Ordinal);
        Assert.Contains($"{filled}_recipient_id_idx", plan, StringComparison.Ordinal);
        Assert.Contains("inbound_texts_conversation", plan, StringComparison.Ordinal);
    }

    private async Task<string> PlanAsync()
    {
        await using var command = _bench.Postgres.CreateCommand("EXPLAIN " + ConversationQueries.OneSql);
        (string Name, object Value)[] values =
        [
            ("tenant", _bench.Tenant.Value), ("number", 14155550007L), ("limit", 50),
            ("messageAt", new DateTime(9999, 1, 1, 0, 0, 0, DateTimeKind.Utc)), ("messageBelow", Guid.AllBitsSet),
            ("textAt", new DateTime(9999, 1, 1, 0, 0, 0, DateTimeKind.Utc)), ("textBelow", Guid.AllBitsSet),
        ];
        foreach (var (name, value) in values)
        {
            command.Parameters.Add(new NpgsqlParameter(name, value));
        }

        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }
}
