using Npgsql;

namespace SmsCrm.Storage.Partitions;

/// <summary>Makes partitions ahead and says which are past their retention, all by Postgres' clock in UTC.</summary>
public sealed class PartitionUpkeep(NpgsqlDataSource postgres)
{
    private const int DaysAhead = 14;

    /// <summary>Makes what is missing from yesterday to two weeks ahead; returns how many partitions that were.</summary>
    public async Task<int> MakeAheadAsync(CancellationToken cancellation)
    {
        var made = 0;
        for (var day = -1; day <= DaysAhead; day++)
        {
            // A day a transaction: attaching a partition locks its parent against other upkeep until the commit.
            await using var batch = postgres.CreateBatch();
            batch.BatchCommands.Add(new NpgsqlBatchCommand(PartitionRemoval.LockPatience));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(
                "SELECT make_partitions((now() AT TIME ZONE 'UTC')::date + $1, (now() AT TIME ZONE 'UTC')::date + $1)")
            {
                Parameters = { new NpgsqlParameter<int> { TypedValue = day } },
            });
            made += (int)(await batch.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
        }

        return made;
    }

    public async Task<PartitionsAhead> ReadAheadAsync(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(
            """
            WITH clock AS (SELECT (now() AT TIME ZONE 'UTC')::date AS today, date_trunc('hour', now(), 'UTC') AS hour)
            SELECT coalesce((SELECT min(n) - 1 FROM generate_series(0, 400) n WHERE to_regclass('messages_' || to_char(today + n, 'YYYYMMDD')) IS NULL
                OR to_regclass('message_events_' || to_char(today + n, 'YYYYMMDD')) IS NULL), 400),
              coalesce((SELECT min(n) - 1 FROM generate_series(0, 400) n
                WHERE to_regclass('claims_' || to_char((hour + n * interval '1 hour') AT TIME ZONE 'UTC', 'YYYYMMDDHH24')) IS NULL), 400)
            FROM clock
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await reader.ReadAsync(cancellation).ConfigureAwait(false);
        return new PartitionsAhead(Math.Max(0, reader.GetInt32(0)), Math.Max(0, reader.GetInt32(1)));
    }

    /// <summary>The days of messages that are past <paramref name="retentionDays"/>, oldest first, at most 100.</summary>
    public async Task<IReadOnlyList<DateOnly>> ReadExpiredDaysAsync(int retentionDays, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(
            """
            SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS day
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'messages'::regclass
              -- CASE, because the planner may judge other tables' names before the join leaves them out.
              AND CASE WHEN c.relname ~ '^messages_[0-9]{8}$' THEN to_date(right(c.relname, 8), 'YYYYMMDD') END < (now() AT TIME ZONE 'UTC')::date - $1
            ORDER BY day LIMIT 100
            """);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = retentionDays });
        var days = new List<DateOnly>();
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            days.Add(reader.GetFieldValue<DateOnly>(0));
        }

        return days;
    }
}
