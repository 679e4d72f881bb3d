using Npgsql;
using NpgsqlTypes;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates.Facts;

/// <summary>
/// Reads what the gates need for a batch in one round trip: the messages' own rows, their recipients' suppressions, the
/// database's clock and the version of the settings. Throws Npgsql's exceptions where Postgres does not answer.
/// </summary>
internal sealed class FactsReader(NpgsqlDataSource database, TimeProvider clock, GatesOptions options, GatesMetrics metrics)
{
    // A plan is made once a connection, maybe while the tables are empty: then a scan of everything looks cheapest, and stays.
    // For this round trip (one transaction) rows are looked up one by one, whatever the planner thinks of the tables' size.
    private const string ClockSql = """
        SELECT clock_timestamp(), (SELECT version FROM settings_version), (SELECT floor FROM ledger_floor),
          set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
        """;

    // The bounds let the planner leave out the days that the batch has nothing of; the array alone does not.
    private const string RowsSql =
        "SELECT id, state, version, attempt, reason, code FROM messages WHERE id = ANY ($1) AND id >= $2 AND id <= $3";

    private const string SuppressionsSql = """
        SELECT r.tenant_id, r.number, r.suppressed_at, r.lifted_at
        FROM unnest($1, $2) AS wanted (tenant_id, number) JOIN recipients r USING (tenant_id, number)
        """;

    public async Task<BatchFacts> ReadAsync(IReadOnlyList<FactsKey> keys, CancellationToken cancellation)
    {
        var startedAt = clock.GetTimestamp();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(options.FactsTimeoutMs);
        await using var connection = await database.OpenConnectionAsync(deadline.Token).ConfigureAwait(false);
        await using var batch = Batch(connection, keys);
        await using var reader = await batch.ExecuteReaderAsync(deadline.Token).ConfigureAwait(false);

        await reader.ReadAsync(deadline.Token).ConfigureAwait(false);
        var now = new DateTimeOffset(reader.GetDateTime(0), TimeSpan.Zero);
        var version = reader.GetInt64(1);
        var floor = new MessageId(reader.GetGuid(2));

        await reader.NextResultAsync(deadline.Token).ConfigureAwait(false);
        var rows = new Dictionary<MessageId, RowFacts>();
        while (await reader.ReadAsync(deadline.Token).ConfigureAwait(false))
        {
            rows[new MessageId(reader.GetGuid(0))] = new RowFacts(
                (MessageState)reader.GetInt16(1), reader.GetInt32(2), reader.GetInt16(3), (Reason)reader.GetInt16(4), reader.GetInt32(5));
        }

        await reader.NextResultAsync(deadline.Token).ConfigureAwait(false);
        var suppressions = new Dictionary<(TenantId, PhoneNumber), SuppressionFacts>();
        while (await reader.ReadAsync(deadline.Token).ConfigureAwait(false))
        {
            suppressions[(new TenantId(reader.GetGuid(0)), new PhoneNumber(reader.GetInt64(1)))] =
                new SuppressionFacts(Time(reader, 2), Time(reader, 3));
        }

        metrics.FactsRead(clock.GetElapsedTime(startedAt));
        return new BatchFacts(startedAt, now, version, floor, rows, suppressions);
    }

    private static NpgsqlBatch Batch(NpgsqlConnection connection, IReadOnlyList<FactsKey> keys)
    {
        var ids = new Guid[keys.Count];
        var tenantIds = new Guid[keys.Count];
        var numbers = new long[keys.Count];
        for (var i = 0; i < keys.Count; i++)
        {
            ids[i] = keys[i].Id.Value;
            tenantIds[i] = keys[i].Tenant.Value;
            numbers[i] = keys[i].Recipient.Digits;
        }

        Array.Sort(ids);
        return new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(ClockSql),
                new NpgsqlBatchCommand(RowsSql)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid[]> { TypedValue = ids, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                        new NpgsqlParameter<Guid> { TypedValue = ids[0] },
                        new NpgsqlParameter<Guid> { TypedValue = ids[^1] },
                    },
                },
                new NpgsqlBatchCommand(SuppressionsSql)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid[]> { TypedValue = tenantIds, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                        new NpgsqlParameter<long[]> { TypedValue = numbers, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
                    },
                },
            },
        };
    }

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : new DateTimeOffset(reader.GetDateTime(column), TimeSpan.Zero);
}
