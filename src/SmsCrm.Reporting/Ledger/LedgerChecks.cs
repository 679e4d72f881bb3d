using SmsCrm.Pipeline.Links;

namespace SmsCrm.Reporting.Ledger;

/// <summary>What can be compared within Postgres. Each statement gives Check, Subject and Detail, a row for each fault.</summary>
internal static class LedgerChecks
{
    public const string Bounds = "m.id >= uuid7_floor(@from) AND m.id < uuid7_floor(@to) AND (@tenant::uuid IS NULL OR m.tenant_id = @tenant)";

    /// <summary>The rows that are counted by one of the days: a tenant's own days, of which no zone's is more than a day from UTC.</summary>
    public const string Days = """
        m.accepted_on >= (@from AT TIME ZONE 'UTC')::date AND m.accepted_on < (@to AT TIME ZONE 'UTC')::date AND (@tenant::uuid IS NULL OR m.tenant_id = @tenant)
          AND m.id >= uuid7_floor(@from - interval '1 day') AND m.id < uuid7_floor(@to + interval '1 day')
        """;

    /// <summary>
    /// A state is the highest of the provider's words, else the last of our decisions, whatever the order of the events. Every change raises the
    /// version and has an event, but for a deferral told anew for the same reason. What <c>seen</c> says is known of the provider has an event each.
    /// </summary>
    private const string Events = $"""
        SELECT 'events' AS "Check", m.id::text AS "Subject",
          CASE WHEN e.state IS DISTINCT FROM m.state THEN 'the row says state ' || m.state || ', its events say ' || coalesce(e.state::text, 'nothing')
            WHEN e.words <> (m.seen & 992) THEN 'the provider''s words that the row has seen (' || (m.seen & 992) || ') are not those of its events (' || e.words || ')'
            ELSE 'the row has version ' || m.version || ', and its events leave some out' END AS "Detail"
        FROM messages m
        LEFT JOIN LATERAL (
          SELECT
            CASE max(CASE kind WHEN 5 THEN 2 WHEN 6 THEN 3 WHEN 7 THEN 4 WHEN 8 THEN 5 WHEN 9 THEN 6 END)
              WHEN 2 THEN 5 WHEN 3 THEN 6 WHEN 4 THEN 7 WHEN 5 THEN 8 WHEN 6 THEN 9
              ELSE (array_agg(kind ORDER BY version DESC) FILTER (WHERE kind IN (1, 2, 3, 4, 10, 11, 12, 13)))[1] END AS state,
            coalesce(bit_or(1 << kind) FILTER (WHERE kind BETWEEN 5 AND 9), 0) AS words,
            coalesce(min(version), 0) = 1 AND NOT coalesce(bool_or(gap), false)
              AND (max(version) = m.version OR (m.state = 2 AND max(version) < m.version)) AS whole
          FROM (
            SELECT kind, version, version - lag(version) OVER (ORDER BY version) > 1 AND lag(kind) OVER (ORDER BY version) NOT IN (2, 20, 22) AS gap
            FROM message_events WHERE message_id = m.id
          ) told
        ) e ON true
        WHERE {Bounds} AND (e.state IS DISTINCT FROM m.state OR e.words <> (m.seen & 992) OR NOT coalesce(e.whole, false))
        """;

    private const string Rows = """
        SELECT 'rows' AS "Check", e.message_id::text AS "Subject", 'has ' || count(*) || ' events and no row' AS "Detail"
        FROM message_events e
        WHERE e.message_id >= uuid7_floor(@from) AND e.message_id < uuid7_floor(@to) AND (@tenant::uuid IS NULL OR e.tenant_id = @tenant)
          AND e.at >= @from - interval '1 hour' AND NOT EXISTS (SELECT FROM messages m WHERE m.id = e.message_id)
        GROUP BY e.message_id
        """;

    private const string Counts = $"""
        SELECT 'counts' AS "Check",
          'tenant ' || tenant_id || ', campaign "' || campaign_id || '", ' || day || ', state ' || state || ', reason ' || reason || ', code ' || code AS "Subject",
          coalesce(c.messages, 0) || ' messages of ' || coalesce(c.segments, 0) || ' segments and ' || coalesce(c.micros, 0) || ' micros counted, '
            || coalesce(r.messages, 0) || ' rows of ' || coalesce(r.segments, 0) || ' and ' || coalesce(r.micros, 0) AS "Detail"
        FROM (
          SELECT tenant_id, campaign_id, day, state, reason, code, sum(messages) AS messages, sum(segments) AS segments, sum(micros) AS micros FROM (
            SELECT tenant_id, campaign_id, day, state, reason, code, messages, segments, micros FROM message_counts
            UNION ALL SELECT tenant_id, campaign_id, day, state, reason, code, messages, segments, micros FROM count_deltas
          ) counted
          WHERE day >= (@from AT TIME ZONE 'UTC')::date AND day < (@to AT TIME ZONE 'UTC')::date AND (@tenant::uuid IS NULL OR tenant_id = @tenant)
          GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(messages) <> 0 OR sum(segments) <> 0 OR sum(micros) <> 0
        ) c
        FULL JOIN (
          SELECT tenant_id, campaign_id, accepted_on AS day, state, reason, code, count(*) AS messages,
            sum(segments) AS segments, sum(CASE WHEN state IN (5, 6, 7, 8, 9, 13) THEN held_micros ELSE 0 END) AS micros
          FROM messages m WHERE {Days} GROUP BY 1, 2, 3, 4, 5, 6
        ) r USING (tenant_id, campaign_id, day, state, reason, code)
        WHERE c.messages IS DISTINCT FROM r.messages OR c.segments IS DISTINCT FROM r.segments OR c.micros IS DISTINCT FROM r.micros
        """;

    private const string Senders = $"""
        SELECT 'senders' AS "Check", 'tenant ' || tenant_id || ', ' || day || ', sender ' || sender_id || ', country "' || country || '"' AS "Subject",
          'sent, delivered, undelivered, failed, uncertain, segments, micros: counted ' || coalesce(c.counts::text, 'none') || ', rows '
            || coalesce(r.counts::text, 'none') AS "Detail"
        FROM (
          SELECT tenant_id, day, sender_id, country,
            ARRAY[sum(sent), sum(delivered), sum(undelivered), sum(failed), sum(uncertain), sum(segments), sum(micros)]::bigint[] AS counts
          FROM (
            SELECT tenant_id, day, sender_id, country, sent, delivered, undelivered, failed, uncertain, segments, micros FROM sender_counts
            UNION ALL SELECT tenant_id, day, sender_id, country, sent, delivered, undelivered, failed, uncertain, segments, micros FROM sender_count_deltas
          ) counted
          WHERE day >= (@from AT TIME ZONE 'UTC')::date AND day < (@to AT TIME ZONE 'UTC')::date AND (@tenant::uuid IS NULL OR tenant_id = @tenant)
          GROUP BY 1, 2, 3, 4
        ) c
        FULL JOIN (
          SELECT tenant_id, accepted_on AS day, coalesce(sender_id, '00000000-0000-0000-0000-000000000000') AS sender_id, country,
            ARRAY[count(*) FILTER (WHERE state BETWEEN 5 AND 9), count(*) FILTER (WHERE state IN (8, 9)), count(*) FILTER (WHERE state = 7),
              count(*) FILTER (WHERE state = 10), count(*) FILTER (WHERE state = 13), coalesce(sum(segments) FILTER (WHERE state <> 10), 0),
              coalesce(sum(held_micros) FILTER (WHERE state <> 10), 0)]::bigint[] AS counts
          FROM messages m WHERE {Days} AND state IN (5, 6, 7, 8, 9, 10, 13) GROUP BY 1, 2, 3, 4
        ) r USING (tenant_id, day, sender_id, country)
        WHERE coalesce(c.counts, ARRAY[0, 0, 0, 0, 0, 0, 0]::bigint[]) IS DISTINCT FROM coalesce(r.counts, ARRAY[0, 0, 0, 0, 0, 0, 0]::bigint[])
        """;

    /// <summary>What was accepted by the quarter-hour, of messages; what happened, of events. Whole days, so the bounds are those of the counts.</summary>
    private const string Quarters = $"""
        SELECT 'quarters' AS "Check", 'tenant ' || tenant_id || ', ' || (quarter AT TIME ZONE 'UTC') || ' UTC, kind ' || kind AS "Subject",
          coalesce(c.events, 0) || ' counted, ' || coalesce(r.events, 0) || CASE kind WHEN 0 THEN ' rows' ELSE ' events' END AS "Detail"
        FROM (
          SELECT tenant_id, quarter, kind, sum(events) AS events FROM (
            SELECT tenant_id, quarter, kind, events FROM event_counts UNION ALL SELECT tenant_id, quarter, kind, events FROM event_count_deltas
          ) counted
          WHERE quarter >= @from AND quarter < @to AND (@tenant::uuid IS NULL OR tenant_id = @tenant)
          GROUP BY 1, 2, 3 HAVING sum(events) <> 0
        ) c
        FULL JOIN (
          SELECT tenant_id, date_bin('15 minutes', uuid7_time(id), '1970-01-01T00:00Z') AS quarter, 0::smallint AS kind, count(*) AS events
          FROM messages m WHERE {Bounds} GROUP BY 1, 2
          UNION ALL
          SELECT tenant_id, date_bin('15 minutes', at, '1970-01-01T00:00Z'), kind, count(*)
          FROM message_events WHERE at >= @from AND at < @to AND (@tenant::uuid IS NULL OR tenant_id = @tenant) GROUP BY 1, 2, 3
        ) r USING (tenant_id, quarter, kind)
        WHERE c.events IS DISTINCT FROM r.events
        """;

    private const string Waiting = $"""
        SELECT 'waiting' AS "Check", coalesce(m.id, w.message_id)::text AS "Subject",
          CASE WHEN w.message_id IS NULL THEN 'deferred, and waits nowhere' ELSE 'waits, and its row is not deferred for that reason' END AS "Detail"
        FROM (SELECT id, reason, tenant_id FROM messages m WHERE state = 2 AND {Bounds}) m
        FULL JOIN (
          SELECT w.* FROM waiting w
          WHERE w.message_id >= uuid7_floor(@from) AND w.message_id < uuid7_floor(@to) AND (@tenant::uuid IS NULL OR w.tenant_id = @tenant)
        ) w ON w.message_id = m.id
        WHERE w.reason IS DISTINCT FROM m.reason
        """;

    /// <summary>Of all days: a hold is wherever its message is.</summary>
    private const string Holds = """
        SELECT 'holds' AS "Check", 'budget ' || used.budget_id AS "Subject",
          used.micros || ' micros held, the open holds are ' || coalesce(held.micros, 0) AS "Detail"
        FROM (
          SELECT u.budget_id, u.tenant_id, u.held_micros + coalesce((SELECT sum(held_micros) FROM budget_deltas d WHERE d.budget_id = u.budget_id), 0) AS micros
          FROM budget_use u
        ) used
        LEFT JOIN (
          SELECT budget, sum(held_micros) AS micros FROM messages m CROSS JOIN LATERAL unnest(ARRAY[budget_id, campaign_budget_id]) AS budget
          WHERE (state IN (3, 4) OR (state = 2 AND seen & (1 << 30) <> 0)) AND budget IS NOT NULL GROUP BY budget
        ) held ON held.budget = used.budget_id
        WHERE used.micros <> coalesce(held.micros, 0) AND (@tenant::uuid IS NULL OR used.tenant_id = @tenant)
        """;

    private const string SharedSids = $"""
        SELECT 'sids' AS "Check", string_agg(m.id::text, ', ' ORDER BY m.id) AS "Subject", 'share the provider''s sid ' || m.sid AS "Detail"
        FROM messages m WHERE {Bounds} AND m.sid IS NOT NULL GROUP BY m.sid_kind, m.sid HAVING count(*) > 1
        """;

    private const string Sids = $"""
        SELECT 'sids' AS "Check", m.id::text AS "Subject", 'state ' || m.state || CASE WHEN m.sid IS NULL THEN ' without a sid' ELSE ' with a sid' END AS "Detail"
        FROM messages m WHERE {Bounds} AND ((m.state IN (5, 6, 7, 8, 9) AND m.sid IS NULL) OR (m.state IN (1, 11, 12) AND m.sid IS NOT NULL))
        """;

    /// <summary>A key is taken with its message's first row, in one transaction.</summary>
    private const string Keys = """
        SELECT 'keys' AS "Check", k.message_id::text AS "Subject", 'has an idempotency key and no row' AS "Detail"
        FROM send_keys k LEFT JOIN messages m ON m.id = k.message_id
        WHERE k.message_id >= uuid7_floor(@from) AND k.message_id < uuid7_floor(@to) AND (@tenant::uuid IS NULL OR k.tenant_id = @tenant) AND m.id IS NULL
        """;

    /// <summary>By the day of the click, not of acceptance.</summary>
    private const string Clicks = $"""
        SELECT 'clicks' AS "Check",
          'tenant ' || tenant_id || ', campaign "' || campaign_id || '", quarter-hour of ' || to_char(quarter AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS "Subject",
          counted_raw || ' clicks, ' || counted_human || ' of people and ' || counted_clickers || ' first ones counted, the hits say ' || raw || ', ' || human
            || ' and ' || clickers AS "Detail"
        FROM ({ClickRecount.Counts}) c
        """;

    private const string Clickers = $"""
        SELECT 'clickers' AS "Check", message_id::text AS "Subject",
          'clicked first by a person: written ' || coalesce(to_char(written AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), 'never') || ', the hits say '
            || coalesce(to_char(told AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), 'never') AS "Detail"
        FROM ({ClickRecount.Clickers}) c
        """;

    public static IReadOnlyList<string> All { get; } = [Events, Rows, Counts, Senders, Quarters, Waiting, Holds, SharedSids, Sids, Keys, Clicks, Clickers];
}
