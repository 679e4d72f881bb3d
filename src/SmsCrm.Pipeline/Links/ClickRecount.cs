namespace SmsCrm.Pipeline.Links;

/// <summary>
/// Where the counts of clicks are not what the hits say, as statements: for who looks and for who puts it right. Each has the parameters
/// <c>@from</c> (midnight UTC of the first day of the click), <c>@to</c> (the first moment after) and <c>@tenant</c> (null: all). Hits before the moment
/// from which all are kept (<c>link_hit_floor</c>) are left out, with the counts of them. A write changes hits, clickers and counts in one transaction,
/// so one snapshot never sees a difference that is only on its way.
/// </summary>
public static class ClickRecount
{
    /// <summary>The hits of the range, and each message's first one of a person, where that is in the range.</summary>
    private const string Told = """
        kept AS MATERIALIZED (SELECT kept_since, greatest(@from::timestamptz, kept_since) AS since FROM link_hit_floor),
        hits AS MATERIALIZED (
          SELECT message_id, tenant_id, campaign_id, at, flags FROM link_hits
          WHERE id >= uuid7_floor((SELECT since FROM kept)) AND id < uuid7_floor(@to) AND flags & 1 = 0 AND (@tenant::uuid IS NULL OR tenant_id = @tenant)
        ),
        firsts AS MATERIALIZED (
          SELECT * FROM (SELECT DISTINCT ON (message_id) message_id, tenant_id, campaign_id, at FROM hits WHERE flags = 0 ORDER BY message_id, at) f
          WHERE NOT EXISTS (
              SELECT FROM link_hits e WHERE e.message_id = f.message_id AND e.flags = 0 AND e.id < uuid7_floor((SELECT since FROM kept)))
            AND NOT EXISTS (SELECT FROM link_clickers c WHERE c.message_id = f.message_id AND c.at < (SELECT kept_since FROM kept))
        )
        """;

    /// <summary>
    /// Messages whose first click of a person is not what <c>link_clickers</c> says: <c>message_id</c>, <c>tenant_id</c>, <c>campaign_id</c>,
    /// <c>told</c> by the hits and <c>written</c>; either may be null.
    /// </summary>
    public const string Clickers = $"""
        WITH {Told}
        SELECT message_id, coalesce(f.tenant_id, c.tenant_id) AS tenant_id, coalesce(f.campaign_id, c.campaign_id) AS campaign_id, f.at AS told, c.at AS written
        FROM firsts f FULL JOIN link_clickers c USING (message_id)
        WHERE f.at IS DISTINCT FROM c.at
          AND (f.at IS NOT NULL OR (c.at >= (SELECT since FROM kept) AND c.at < @to AND (@tenant::uuid IS NULL OR c.tenant_id = @tenant)))
        """;

    /// <summary>Quarter-hours of a campaign that are counted wrongly: their key, what is <c>counted_</c>, and what the hits tell.</summary>
    public const string Counts = $"""
        WITH {Told}
        SELECT tenant_id, campaign_id, quarter, sum(counted_raw)::bigint AS counted_raw, sum(counted_human)::bigint AS counted_human,
          sum(counted_clickers)::bigint AS counted_clickers, sum(raw)::bigint AS raw, sum(human)::bigint AS human, sum(clickers)::bigint AS clickers
        FROM (
          SELECT tenant_id, campaign_id, quarter, raw AS counted_raw, human AS counted_human, clickers AS counted_clickers, 0 AS raw, 0 AS human, 0 AS clickers
          FROM link_counts
          WHERE quarter >= (SELECT since FROM kept) AND quarter < @to AND (@tenant::uuid IS NULL OR tenant_id = @tenant)
          UNION ALL SELECT tenant_id, campaign_id, date_bin('15 minutes', at, '1970-01-01T00:00Z'), 0, 0, 0, 1, (flags = 0)::int, 0 FROM hits
          UNION ALL SELECT tenant_id, campaign_id, date_bin('15 minutes', at, '1970-01-01T00:00Z'), 0, 0, 0, 0, 0, 1 FROM firsts
        ) both_sides
        GROUP BY tenant_id, campaign_id, quarter
        HAVING (sum(counted_raw), sum(counted_human), sum(counted_clickers)) <> (sum(raw), sum(human), sum(clickers))
        """;
}
