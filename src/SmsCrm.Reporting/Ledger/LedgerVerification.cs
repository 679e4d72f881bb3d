using System.Data;
using Dapper;
using Npgsql;

namespace SmsCrm.Reporting.Ledger;

/// <summary>What is wrong with one message, count or budget.</summary>
/// <param name="Check">Which comparison found it.</param>
/// <param name="Subject">A message's id, or what else does not agree.</param>
/// <param name="Detail">Both sides.</param>
public sealed record LedgerFault(string Check, string Subject, string Detail);

/// <param name="Messages">How many were looked at.</param>
/// <param name="Faults">Up to 100 of each check.</param>
public sealed record LedgerVerdict(long Messages, IReadOnlyList<LedgerFault> Faults);

/// <summary>
/// Compares what knows nothing of one another: the rows, the fold of their events, the counts, what waits, the holds and the budgets' use, the sids and the
/// idempotency keys. All from one snapshot, so that it may run beside everything else.
/// </summary>
public sealed class LedgerVerification(NpgsqlDataSource database)
{
    private const int Most = 100;
    private const int TimeoutSeconds = 600;

    private const string Bounds = "m.id >= uuid7_floor(@from) AND m.id < uuid7_floor(@to) AND (@tenant::uuid IS NULL OR m.tenant_id = @tenant)";

    /// <summary>
    /// A state is the highest of the provider's words, else the last of our decisions. A deferral for the same reason is not told anew, so that its
    /// event may be an older one.
    /// </summary>
    private const string Events = $"""
        SELECT 'events' AS "Check", m.id::text AS "Subject", 'the row says state ' || m.state || ', its events say ' || coalesce(e.state::text, 'nothing') AS "Detail"
        FROM messages m
        LEFT JOIN LATERAL (
          SELECT CASE max(CASE kind WHEN 5 THEN 2 WHEN 6 THEN 3 WHEN 7 THEN 4 WHEN 8 THEN 5 WHEN 9 THEN 6 END)
              WHEN 2 THEN 5 WHEN 3 THEN 6 WHEN 4 THEN 7 WHEN 5 THEN 8 WHEN 6 THEN 9
              ELSE (array_agg(kind ORDER BY version DESC) FILTER (WHERE kind IN (1, 2, 3, 4, 10, 11, 12, 13)))[1] END AS state
          FROM message_events WHERE message_id = m.id
        ) e ON true
        WHERE {Bounds} AND e.state IS DISTINCT FROM m.state
        ORDER BY m.id LIMIT {MostText}
        """;

    private const string Counts = $"""
        WITH counts AS (
          SELECT tenant_id, campaign_id, day, state, reason, code, sum(messages) AS messages FROM (
            SELECT tenant_id, campaign_id, day, state, reason, code, messages FROM message_counts
            UNION ALL SELECT tenant_id, campaign_id, day, state, reason, code, messages FROM count_deltas
          ) counted
          WHERE day >= (@from AT TIME ZONE 'UTC')::date AND day < (@to AT TIME ZONE 'UTC')::date AND (@tenant::uuid IS NULL OR tenant_id = @tenant)
          GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(messages) <> 0
        ), recount AS (
          SELECT tenant_id, campaign_id, (uuid7_time(id) AT TIME ZONE 'UTC')::date AS day, state, reason, code, count(*) AS messages
          FROM messages m WHERE {Bounds} GROUP BY 1, 2, 3, 4, 5, 6
        )
        SELECT 'counts' AS "Check",
          'tenant ' || tenant_id || ', campaign "' || campaign_id || '", ' || day || ', state ' || state || ', reason ' || reason || ', code ' || code AS "Subject",
          coalesce(c.messages, 0) || ' counted, ' || coalesce(r.messages, 0) || ' rows' AS "Detail"
        FROM counts c FULL JOIN recount r USING (tenant_id, campaign_id, day, state, reason, code)
        WHERE c.messages IS DISTINCT FROM r.messages LIMIT {MostText}
        """;

    private const string Waiting = $"""
        SELECT 'waiting' AS "Check", coalesce(m.id, w.message_id)::text AS "Subject",
          CASE WHEN w.message_id IS NULL THEN 'deferred, and waits nowhere' ELSE 'waits, and its row is not deferred for that reason' END AS "Detail"
        FROM (SELECT id, reason, tenant_id FROM messages m WHERE state = 2 AND {Bounds}) m
        FULL JOIN (
          SELECT w.* FROM waiting w
          WHERE w.message_id >= uuid7_floor(@from) AND w.message_id < uuid7_floor(@to) AND (@tenant::uuid IS NULL OR w.tenant_id = @tenant)
        ) w ON w.message_id = m.id
        WHERE w.reason IS DISTINCT FROM m.reason LIMIT {MostText}
        """;

    /// <summary>Of all days: a hold is wherever its message is.</summary>
    private const string Holds = $"""
        WITH held AS (
          SELECT budget, sum(held_micros) AS micros FROM messages m CROSS JOIN LATERAL unnest(ARRAY[budget_id, campaign_budget_id]) AS budget
          WHERE (state IN (3, 4) OR (state = 2 AND seen & (1 << 30) <> 0)) AND budget IS NOT NULL GROUP BY budget
        ), used AS (
          SELECT u.budget_id, u.tenant_id, u.held_micros + coalesce((SELECT sum(held_micros) FROM budget_deltas d WHERE d.budget_id = u.budget_id), 0) AS micros
          FROM budget_use u
        )
        SELECT 'holds' AS "Check", 'budget ' || used.budget_id AS "Subject",
          used.micros || ' micros held, the open holds are ' || coalesce(held.micros, 0) AS "Detail"
        FROM used LEFT JOIN held ON held.budget = used.budget_id
        WHERE used.micros <> coalesce(held.micros, 0) AND (@tenant::uuid IS NULL OR used.tenant_id = @tenant) LIMIT {MostText}
        """;

    private const string Sids = $"""
        SELECT 'sids' AS "Check", string_agg(m.id::text, ', ' ORDER BY m.id) AS "Subject", 'share the provider''s sid ' || m.sid AS "Detail"
        FROM messages m WHERE {Bounds} AND m.sid IS NOT NULL GROUP BY m.sid_kind, m.sid HAVING count(*) > 1 LIMIT {MostText}
        """;

    private const string NoSid = $"""
        SELECT 'sids' AS "Check", m.id::text AS "Subject", 'state ' || m.state || CASE WHEN m.sid IS NULL THEN ' without a sid' ELSE ' with a sid' END AS "Detail"
        FROM messages m WHERE {Bounds} AND ((m.state IN (5, 6, 7, 8, 9) AND m.sid IS NULL) OR (m.state IN (1, 11, 12) AND m.sid IS NOT NULL))
        ORDER BY m.id LIMIT {MostText}
        """;

    /// <summary>A key is taken with its message's first row, in one transaction.</summary>
    private const string Keys = $"""
        SELECT 'keys' AS "Check", k.message_id::text AS "Subject", 'has an idempotency key and no row' AS "Detail"
        FROM send_keys k LEFT JOIN messages m ON m.id = k.message_id
        WHERE k.message_id >= uuid7_floor(@from) AND k.message_id < uuid7_floor(@to) AND (@tenant::uuid IS NULL OR k.tenant_id = @tenant) AND m.id IS NULL
        LIMIT {MostText}
        """;

    private const string MostText = "100";

    /// <param name="tenant">Null: all of them.</param>
    /// <param name="from">First day (UTC) of acceptance.</param>
    /// <param name="to">Last day (UTC) of acceptance.</param>
    public async Task<LedgerVerdict> VerifyAsync(Guid? tenant, DateOnly from, DateOnly to, CancellationToken cancellation)
    {
        var bounds = new
        {
            tenant,
            from = DateTime.SpecifyKind(from.ToDateTime(TimeOnly.MinValue), DateTimeKind.Utc),
            to = DateTime.SpecifyKind(to.AddDays(1).ToDateTime(TimeOnly.MinValue), DateTimeKind.Utc),
        };
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var messages = await connection.ExecuteScalarAsync<long>(Command($"SELECT count(*) FROM messages m WHERE {Bounds}"));
        var faults = new List<LedgerFault>();
        foreach (var check in new[] { Events, Counts, Waiting, Holds, Sids, NoSid, Keys })
        {
            faults.AddRange((await connection.QueryAsync<LedgerFault>(Command(check))).Take(Most));
        }

        return new LedgerVerdict(messages, faults);

        CommandDefinition Command(string sql) =>
            new(sql, bounds, snapshot, commandTimeout: TimeoutSeconds, cancellationToken: cancellation);
    }
}
