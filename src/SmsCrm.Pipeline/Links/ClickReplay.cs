using Npgsql;
using SmsCrm.Storage;

namespace SmsCrm.Pipeline.Links;

/// <param name="Clickers">Messages whose first click of a person was wrong and is right now.</param>
/// <param name="Quarters">Quarter-hours of a campaign whose counts were.</param>
/// <param name="KeptSince">From when on hits are kept, where that is after the day asked for: what was counted before was left as it was. Null: not after.</param>
public readonly record struct ClickReplayReport(long Clickers, long Quarters, DateTimeOffset? KeptSince);

/// <summary>
/// Counts clicks again from <c>link_hits</c> while everything runs. What a write adds is the same on both sides of a difference, so the difference that
/// one snapshot sees is added to the counts as they stand, without a lock that a write would wait for.
/// </summary>
public sealed class ClickReplay(PostgresConnections connections)
{
    private const int TimeoutSeconds = 3_600;

    /// <summary>Two at once would add a difference twice; and a hit that became a program's meanwhile would be counted as it was.</summary>
    private const string LockSql = $"SELECT pg_advisory_lock({LinkHitSql.ChangesLock})";

    private const string KeptSinceSql = "SELECT kept_since FROM link_hit_floor WHERE kept_since > @from";

    /// <summary>
    /// Before the counts, which then are held against it. A hit that is written meanwhile may have moved a row: only a row that is as the snapshot saw it
    /// is set to a later time. Rows are locked in the order in which writes lock them.
    /// </summary>
    private const string ClickersSql = $"""
        WITH wrong AS MATERIALIZED ({ClickRecount.Clickers}),
        gone AS (
          DELETE FROM link_clickers c USING wrong w WHERE w.told IS NULL AND c.message_id = w.message_id AND c.at = w.written
        ),
        put AS (
          INSERT INTO link_clickers AS c (message_id, tenant_id, campaign_id, at, was)
          SELECT message_id, tenant_id, campaign_id, told, written FROM wrong WHERE told IS NOT NULL ORDER BY message_id
          ON CONFLICT (message_id) DO UPDATE SET at = EXCLUDED.at, was = NULL WHERE EXCLUDED.at < c.at OR c.at = EXCLUDED.was
        )
        SELECT count(*) FROM wrong
        """;

    private const string CountsSql = $"""
        WITH wrong AS MATERIALIZED ({ClickRecount.Counts}),
        put AS (
          INSERT INTO link_counts (tenant_id, campaign_id, quarter, raw, human, clickers)
          SELECT tenant_id, campaign_id, quarter, raw - counted_raw, human - counted_human, clickers - counted_clickers FROM wrong ORDER BY 1, 3, 2
          {LinkHitSql.AddToCounts}
        )
        SELECT count(*) FROM wrong
        """;

    private const string EmptySql =
        "DELETE FROM link_counts WHERE quarter >= @from AND quarter < @to AND (raw, human, clickers) = (0, 0, 0) AND (@tenant::uuid IS NULL OR tenant_id = @tenant)";

    /// <param name="from">First day (UTC) of the click. Days whose hits are removed are left as they are.</param>
    public async Task<ClickReplayReport> RunAsync(DateOnly from, CancellationToken cancellation)
    {
        // A session of its own: the lock ends with it.
        await using var session = await connections.OpenSessionAsync(cancellation).ConfigureAwait(false);
        await ScalarAsync(session, LockSql, from, cancellation).ConfigureAwait(false);
        var keptSince = await ScalarAsync(session, KeptSinceSql, from, cancellation).ConfigureAwait(false);
        var clickers = await ScalarAsync(session, ClickersSql, from, cancellation).ConfigureAwait(false);
        var quarters = await ScalarAsync(session, CountsSql, from, cancellation).ConfigureAwait(false);
        await ScalarAsync(session, EmptySql, from, cancellation).ConfigureAwait(false);
        return new ClickReplayReport((long)clickers!, (long)quarters!, keptSince is DateTime moment ? new DateTimeOffset(moment, TimeSpan.Zero) : null);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection session, string sql, DateOnly from, CancellationToken cancellation)
    {
#pragma warning disable CA2100 // Constants of this room.
        await using var command = new NpgsqlCommand(sql, session) { CommandTimeout = TimeoutSeconds };
#pragma warning restore CA2100
        command.Parameters.Add(new NpgsqlParameter<DateTime>("from", DateTime.SpecifyKind(from.ToDateTime(TimeOnly.MinValue), DateTimeKind.Utc)));
        command.Parameters.Add(new NpgsqlParameter<DateTime>("to", new DateTime(9_000, 1, 1, 0, 0, 0, DateTimeKind.Utc)));
        command.Parameters.Add(new NpgsqlParameter("tenant", NpgsqlTypes.NpgsqlDbType.Uuid) { Value = DBNull.Value });
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
    }
}
