using Npgsql;

namespace SmsCrm.Pipeline.Links;

/// <summary>The statements of <see cref="LinkHitWriter"/> and <see cref="LinkHitRetentionLoop"/>, with what the room's others have in common with them.</summary>
internal static class LinkHitSql
{
    /// <summary>
    /// The first delivery that the provider told of a hit's message (event 8: delivered), for the rows <c>h</c>: null where none is known, or none was heard
    /// of until $2 after the hit. With it a hit is too soon if <c>h.at &lt; delivered.at + $1</c>, one before the delivery too. The event's bounds leave out
    /// the days it can't stand in; an hour covers any difference between the clocks.
    /// </summary>
    public const string Delivered =
        """
        LEFT JOIN LATERAL (
          SELECT min(e.at) AS at FROM message_events e
          WHERE e.message_id = h.message_id AND e.kind = 8 AND e.at >= uuid7_time(h.message_id) - interval '1 hour' AND e.at <= h.at + $2
        ) delivered ON true
        """;

    /// <summary>The end of an INSERT of differences to <c>link_counts</c>, which come ordered by tenant, quarter-hour and campaign: so rows are locked in one order.</summary>
    public const string AddToCounts =
        """
        ON CONFLICT (tenant_id, quarter, campaign_id) DO UPDATE SET raw = link_counts.raw + EXCLUDED.raw, human = link_counts.human + EXCLUDED.human,
          clickers = link_counts.clickers + EXCLUDED.clickers
        """;

    /// <summary>'clicks' in ASCII: the advisory lock of whoever changes what is counted already, of whom there is one at a time. Who only adds needs none.</summary>
    public const string ChangesLock = "x'636c69636b73'::bigint";

    /// <summary>
    /// Too soon is judged here where the delivery is known, else from the last claim (and again by <see cref="SoonHits"/> when the delivery is heard of).
    /// So is the country, where the recipient's is known. HEAD is no click; a flagged one is a raw click only.
    /// A message is counted at its first hit of a person: whoever inserts its row counts it, and an earlier hit that is written later moves it. The
    /// row's lock lets one go after the other; rows are locked in the order of their keys.
    /// </summary>
    public const string Write =
        $"""
        WITH hits AS MATERIALIZED (
          SELECT h.id, h.message_id, h.tenant_id, h.campaign_id, h.placeholder, h.at,
            (h.flags | CASE WHEN h.at < coalesce(delivered.at, m.claimed_at) + $1 THEN 8 ELSE 0 END
              | CASE WHEN h.country <> '' AND m.country <> '' AND h.country <> m.country THEN 64 ELSE 0 END)::smallint AS flags
          FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::timestamptz[], $9::smallint[], $10::text[])
            AS h(id, message_id, tenant_id, campaign_id, placeholder, at, flags, country)
          LEFT JOIN LATERAL (SELECT claimed_at, country FROM messages WHERE id = h.message_id LIMIT 1) m ON true
          {Delivered}
        ),
        written AS (
          INSERT INTO link_hits (id, message_id, tenant_id, campaign_id, placeholder, at, flags)
          SELECT id, message_id, tenant_id, campaign_id, placeholder, at, flags FROM hits ORDER BY id
          ON CONFLICT (id) DO NOTHING
          RETURNING message_id, tenant_id, campaign_id, at, flags
        ),
        firsts AS (
          INSERT INTO link_clickers AS c (message_id, tenant_id, campaign_id, at)
          SELECT DISTINCT ON (message_id) message_id, tenant_id, campaign_id, at FROM written WHERE flags = 0 ORDER BY message_id, at
          ON CONFLICT (message_id) DO UPDATE SET was = c.at, at = EXCLUDED.at WHERE EXCLUDED.at < c.at
          RETURNING tenant_id, campaign_id, at, was
        ),
        counted AS (
          INSERT INTO link_counts (tenant_id, campaign_id, quarter, raw, human, clickers)
          SELECT tenant_id, campaign_id, date_bin('15 minutes', at, '1970-01-01T00:00Z') AS quarter, sum(raw), sum(human), sum(clickers)
          FROM (
            SELECT tenant_id, campaign_id, at, 1 AS raw, (flags = 0)::int AS human, 0 AS clickers FROM written WHERE flags & 1 = 0
            UNION ALL SELECT tenant_id, campaign_id, at, 0, 0, 1 FROM firsts
            UNION ALL SELECT tenant_id, campaign_id, was, 0, 0, -1 FROM firsts WHERE was IS NOT NULL
          ) told
          GROUP BY 1, 2, 3 ORDER BY 1, 3, 2
          {AddToCounts}
        )
        SELECT count(*) FROM written
        """;

    /// <summary>Up to whole quarter-hours, so that those that are left can be counted again. With the hits goes the part of the feed that they stood in.</summary>
    public const string RemoveHits =
        """
        WITH line AS MATERIALIZED (SELECT date_bin('15 minutes', now() - $1, '1970-01-01T00:00Z') AS at),
        gone AS (
          DELETE FROM link_hits WHERE id = ANY (ARRAY(SELECT id FROM link_hits WHERE id < uuid7_floor((SELECT at FROM line)) ORDER BY id LIMIT $2))
          RETURNING xid
        ),
        raised AS (
          UPDATE link_hit_floor SET kept_since = greatest(kept_since, (SELECT at FROM line)), feed_floor = greatest(feed_floor, (SELECT max(xid) FROM gone))
          WHERE kept_since < (SELECT at FROM line) OR EXISTS (SELECT FROM gone)
        )
        SELECT count(*) FROM gone
        """;

    /// <summary>What was accepted so long ago that its links are over, and that no hit of it is left.</summary>
    public const string RemoveClickers =
        """
        WITH gone AS (
          DELETE FROM link_clickers
          WHERE message_id = ANY (ARRAY(SELECT message_id FROM link_clickers WHERE message_id < uuid7_floor(now() - $1) ORDER BY message_id LIMIT $2))
          RETURNING message_id
        )
        SELECT count(*) FROM gone
        """;

    /// <summary>$1 and $2 of <see cref="Delivered"/>.</summary>
    public static void AddSpans(NpgsqlParameterCollection parameters, LinksOptions options)
    {
        // A hit from before the delivery is too soon as well, unless nothing is.
        var late = options.TooSoonSeconds == 0 ? 0 : options.LateReceiptSeconds;
        parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = TimeSpan.FromSeconds(options.TooSoonSeconds) });
        parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = TimeSpan.FromSeconds(late) });
    }
}
