using System.Globalization;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>The statements of <see cref="CountReplay"/>.</summary>
internal static class CountReplaySql
{
    /// <summary>
    /// A message's state is the highest of the provider's words, else the last of our decisions. Its reason and code are its row's where the row is in
    /// that state (a deferral that is told anew for the same reason has no event), else the event's. Campaign, sender, country, segments and price
    /// are the row's: nothing ever changes them in a state that counts them. So is the day, the tenant's own, of which no zone's is more than a day from UTC.
    /// </summary>
    private const string Folded =
        """
        WITH told AS (
          SELECT message_id,
            max(CASE kind WHEN 5 THEN 2 WHEN 6 THEN 3 WHEN 7 THEN 4 WHEN 8 THEN 5 WHEN 9 THEN 6 END) AS rank,
            max(code) FILTER (WHERE kind = 7) AS undelivered,
            max(ARRAY[version, kind, reason, code]) FILTER (WHERE kind IN (1, 2, 3, 4, 10, 11, 12, 13)) AS decided
          FROM message_events
          WHERE at >= {0} - interval '25 hours' AND message_id >= uuid7_floor({0} - interval '1 day')
          GROUP BY message_id
        ),
        stood AS (
          SELECT m.*, coalesce(CASE rank WHEN 2 THEN 5 WHEN 3 THEN 6 WHEN 4 THEN 7 WHEN 5 THEN 8 WHEN 6 THEN 9 ELSE decided[2] END, m.state)::smallint AS told_state,
            rank, undelivered, decided
          FROM messages m LEFT JOIN told ON told.message_id = m.id
          WHERE m.id >= uuid7_floor({0} - interval '1 day') AND m.accepted_on >= ({0} AT TIME ZONE 'UTC')::date
        ),
        folded AS (
          SELECT tenant_id, accepted_on AS day, campaign_id, told_state AS state,
            CASE WHEN told_state = state THEN reason WHEN rank IS NULL THEN decided[3] ELSE 0 END::smallint AS reason,
            CASE WHEN told_state = state THEN code WHEN rank IS NULL THEN decided[4] WHEN rank = 4 THEN undelivered ELSE 0 END AS code,
            coalesce(sender_id, '00000000-0000-0000-0000-000000000000') AS sender_id, country, segments,
            CASE WHEN told_state IN (5, 6, 7, 8, 9, 13) THEN held_micros ELSE 0 END AS micros
          FROM stood
        )
        """;

    /// <summary>In the columns of the table beside. 1: by campaign, 2: by sender, 3: by quarter-hour; the deltas that were seen with their signs turned.</summary>
    private const string Counted =
        """
        SELECT 1::smallint AS what, tenant_id, day, campaign_id, state, reason, code, NULL::uuid, NULL::text, NULL::timestamptz, NULL::smallint,
          count(*) AS messages, sum(segments)::bigint, sum(micros)::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint
        FROM folded GROUP BY tenant_id, day, campaign_id, state, reason, code
        UNION ALL
        SELECT 2::smallint, tenant_id, day, NULL, NULL, NULL, NULL, sender_id, country, NULL, NULL,
          count(*) FILTER (WHERE state BETWEEN 5 AND 9), coalesce(sum(segments) FILTER (WHERE state <> 10), 0)::bigint, sum(micros)::bigint,
          count(*) FILTER (WHERE state IN (8, 9)), count(*) FILTER (WHERE state = 7), count(*) FILTER (WHERE state = 10), count(*) FILTER (WHERE state = 13)
        FROM folded WHERE state IN (5, 6, 7, 8, 9, 10, 13) GROUP BY tenant_id, day, sender_id, country
        UNION ALL
        SELECT 3::smallint, tenant_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, date_bin('15 minutes', at, '1970-01-01T00:00Z'), kind,
          count(*), NULL, NULL, NULL, NULL, NULL, NULL
        FROM message_events WHERE at >= {0} GROUP BY tenant_id, 10, kind
        UNION ALL
        SELECT 3::smallint, tenant_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, date_bin('15 minutes', uuid7_time(id), '1970-01-01T00:00Z'), 0::smallint,
          count(*), NULL, NULL, NULL, NULL, NULL, NULL
        FROM messages WHERE id >= uuid7_floor({0}) GROUP BY tenant_id, 10
        UNION ALL
        SELECT 1::smallint, tenant_id, day, campaign_id, state, reason, code, NULL, NULL, NULL, NULL, -messages, -segments, -micros, NULL, NULL, NULL, NULL
        FROM count_deltas WHERE day >= ({0} AT TIME ZONE 'UTC')::date
        UNION ALL
        SELECT 2::smallint, tenant_id, day, NULL, NULL, NULL, NULL, sender_id, country, NULL, NULL, -sent, -segments, -micros, -delivered, -undelivered, -failed, -uncertain
        FROM sender_count_deltas WHERE day >= ({0} AT TIME ZONE 'UTC')::date
        UNION ALL
        SELECT 3::smallint, tenant_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, quarter, kind, -events, NULL, NULL, NULL, NULL, NULL, NULL
        FROM event_count_deltas WHERE quarter >= {0}
        ORDER BY what, tenant_id
        """;

    public const string SwapCampaigns =
        """
        WITH fresh AS (
          SELECT tenant_id, day, campaign_id, state, reason, code, sum(messages)::bigint AS messages, sum(segments)::bigint AS segments, sum(micros)::bigint AS micros
          FROM recounted WHERE what = 1 GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(messages) <> 0 OR sum(segments) <> 0 OR sum(micros) <> 0
        ), gone AS (
          DELETE FROM message_counts c WHERE day >= $1 AND NOT EXISTS (
            SELECT FROM fresh f WHERE (f.tenant_id, f.day, f.campaign_id, f.state, f.reason, f.code) = (c.tenant_id, c.day, c.campaign_id, c.state, c.reason, c.code))
          RETURNING messages <> 0 OR segments <> 0 OR micros <> 0 AS was_wrong
        ), put AS (
          INSERT INTO message_counts AS c (tenant_id, day, campaign_id, state, reason, code, messages, segments, micros) SELECT * FROM fresh
          ON CONFLICT (tenant_id, day, campaign_id, state, reason, code) DO UPDATE
            SET messages = EXCLUDED.messages, segments = EXCLUDED.segments, micros = EXCLUDED.micros
            WHERE (c.messages, c.segments, c.micros) IS DISTINCT FROM (EXCLUDED.messages, EXCLUDED.segments, EXCLUDED.micros)
          RETURNING true
        )
        SELECT (SELECT count(*) FROM gone WHERE was_wrong) + (SELECT count(*) FROM put)
        """;

    public const string SwapSenders =
        """
        WITH fresh AS (
          SELECT tenant_id, day, sender_id, country, sum(messages)::bigint AS sent, sum(delivered)::bigint AS delivered, sum(undelivered)::bigint AS undelivered,
            sum(failed)::bigint AS failed, sum(uncertain)::bigint AS uncertain, sum(segments)::bigint AS segments, sum(micros)::bigint AS micros
          FROM recounted WHERE what = 2 GROUP BY 1, 2, 3, 4
          HAVING (sum(messages), sum(delivered), sum(undelivered), sum(failed), sum(uncertain), sum(segments), sum(micros)) <> (0, 0, 0, 0, 0, 0, 0)
        ), gone AS (
          DELETE FROM sender_counts c WHERE day >= $1 AND NOT EXISTS (
            SELECT FROM fresh f WHERE (f.tenant_id, f.day, f.sender_id, f.country) = (c.tenant_id, c.day, c.sender_id, c.country))
          RETURNING (sent, delivered, undelivered, failed, uncertain, segments, micros) <> (0, 0, 0, 0, 0, 0, 0) AS was_wrong
        ), put AS (
          INSERT INTO sender_counts AS c (tenant_id, day, sender_id, country, sent, delivered, undelivered, failed, uncertain, segments, micros)
          SELECT * FROM fresh
          ON CONFLICT (tenant_id, day, sender_id, country) DO UPDATE SET sent = EXCLUDED.sent, delivered = EXCLUDED.delivered,
            undelivered = EXCLUDED.undelivered, failed = EXCLUDED.failed, uncertain = EXCLUDED.uncertain, segments = EXCLUDED.segments, micros = EXCLUDED.micros
            WHERE (c.sent, c.delivered, c.undelivered, c.failed, c.uncertain, c.segments, c.micros)
              <> (EXCLUDED.sent, EXCLUDED.delivered, EXCLUDED.undelivered, EXCLUDED.failed, EXCLUDED.uncertain, EXCLUDED.segments, EXCLUDED.micros)
          RETURNING true
        )
        SELECT (SELECT count(*) FROM gone WHERE was_wrong) + (SELECT count(*) FROM put)
        """;

    public static readonly string SwapQuarters =
        $"""
        WITH fresh AS (
          SELECT * FROM (
            SELECT tenant_id, quarter, {EventColumns.Sums("messages")} FROM recounted WHERE what = 3 GROUP BY tenant_id, quarter
          ) f
          WHERE {EventColumns.Row("f")} <> {EventColumns.Nothing}
        ), gone AS (
          DELETE FROM event_quarters c WHERE quarter >= $1::timestamp AT TIME ZONE 'UTC' AND NOT EXISTS (
            SELECT FROM fresh f WHERE (f.tenant_id, f.quarter) = (c.tenant_id, c.quarter))
          RETURNING {EventColumns.Row("c")} <> {EventColumns.Nothing} AS was_wrong
        ), put AS (
          INSERT INTO event_quarters AS c (tenant_id, quarter, {EventColumns.Names}) SELECT * FROM fresh
          ON CONFLICT (tenant_id, quarter) DO UPDATE SET {EventColumns.Set(null)}
            WHERE {EventColumns.Row("c")} <> {EventColumns.Row("EXCLUDED")}
          RETURNING true
        )
        SELECT (SELECT count(*) FROM gone WHERE was_wrong) + (SELECT count(*) FROM put)
        """;

    /// <summary>The recount of everything from a day (UTC) on.</summary>
    public static string Recount(DateOnly from) => string.Format(
        CultureInfo.InvariantCulture, $"{Folded} {Counted}", string.Create(CultureInfo.InvariantCulture, $"'{from:yyyy-MM-dd}T00:00Z'::timestamptz"));
}
