using Npgsql;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>
/// Turns count deltas into totals: adds them and deletes them in one transaction, so that totals plus deltas are right at every moment for
/// a reader that takes both in one statement. One folder at a time, by a lock of Postgres.
/// </summary>
public sealed class CountFolder
{
    /// <summary>Most deltas of each kind in one transaction.</summary>
    internal const int Most = 20_000;

    /// <summary>'counts' in ASCII: the key of the advisory lock. Who holds it, as a session too, is the only one that touches the totals.</summary>
    internal const string LockKey = "x'636f756e7473'::bigint";

    private const string LockSql = $"SELECT pg_try_advisory_xact_lock({LockKey})";

    private const string MessagesSql =
        """
        WITH folded AS (
          DELETE FROM count_deltas WHERE id IN (SELECT id FROM count_deltas ORDER BY id LIMIT $1)
          RETURNING tenant_id, campaign_id, day, state, reason, code, messages, segments, micros
        ), added AS (
          INSERT INTO message_counts AS c (tenant_id, day, campaign_id, state, reason, code, messages, segments, micros)
          SELECT tenant_id, day, campaign_id, state, reason, code, sum(messages), sum(segments), sum(micros) FROM folded
          GROUP BY tenant_id, day, campaign_id, state, reason, code
          ON CONFLICT (tenant_id, day, campaign_id, state, reason, code) DO UPDATE SET
            messages = c.messages + EXCLUDED.messages, segments = c.segments + EXCLUDED.segments, micros = c.micros + EXCLUDED.micros
        )
        SELECT count(*) FROM folded
        """;

    private static readonly string EventsSql =
        $"""
        WITH folded AS (
          DELETE FROM event_count_deltas WHERE id IN (SELECT id FROM event_count_deltas ORDER BY id LIMIT $1)
          RETURNING tenant_id, quarter, kind, events
        ), added AS (
          INSERT INTO event_quarters AS c (tenant_id, quarter, {EventColumns.Names})
          SELECT tenant_id, quarter, {EventColumns.Sums("events")} FROM folded GROUP BY tenant_id, quarter
          ON CONFLICT (tenant_id, quarter) DO UPDATE SET {EventColumns.Set("c")}
        )
        SELECT count(*) FROM folded
        """;

    private const string SendersSql =
        """
        WITH folded AS (
          DELETE FROM sender_count_deltas WHERE id IN (SELECT id FROM sender_count_deltas ORDER BY id LIMIT $1)
          RETURNING tenant_id, day, sender_id, country, sent, delivered, undelivered, failed, uncertain, segments, micros
        ), added AS (
          INSERT INTO sender_counts AS c (tenant_id, day, sender_id, country, sent, delivered, undelivered, failed, uncertain, segments, micros)
          SELECT tenant_id, day, sender_id, country, sum(sent), sum(delivered), sum(undelivered), sum(failed), sum(uncertain), sum(segments), sum(micros)
          FROM folded GROUP BY tenant_id, day, sender_id, country
          ON CONFLICT (tenant_id, day, sender_id, country) DO UPDATE SET
            sent = c.sent + EXCLUDED.sent, delivered = c.delivered + EXCLUDED.delivered, undelivered = c.undelivered + EXCLUDED.undelivered,
            failed = c.failed + EXCLUDED.failed, uncertain = c.uncertain + EXCLUDED.uncertain, segments = c.segments + EXCLUDED.segments,
            micros = c.micros + EXCLUDED.micros
        )
        SELECT count(*) FROM folded
        """;

    private readonly NpgsqlDataSource _postgres;
    private readonly LedgerMetrics _metrics;

    internal CountFolder(NpgsqlDataSource postgres, LedgerMetrics metrics) => (_postgres, _metrics) = (postgres, metrics);

    /// <summary>Folds once; true where there may be more. False as well while another process folds.</summary>
    public async Task<bool> FoldOnceAsync(CancellationToken cancellation)
    {
        await using var connection = await _postgres.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await using var take = new NpgsqlCommand(LockSql, connection);
        if (await take.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is not true)
        {
            return false;
        }

        var messages = await FoldAsync(connection, MessagesSql, cancellation).ConfigureAwait(false);
        var events = await FoldAsync(connection, EventsSql, cancellation).ConfigureAwait(false);
        var senders = await FoldAsync(connection, SendersSql, cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        _metrics.Folded(messages + events + senders);
        return messages == Most || events == Most || senders == Most;
    }

    private static async Task<long> FoldAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
#pragma warning disable CA2100 // One of the three constants above.
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new NpgsqlParameter<int> { TypedValue = Most } } };
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }
}
