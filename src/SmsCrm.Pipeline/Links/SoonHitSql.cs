namespace SmsCrm.Pipeline.Links;

/// <summary>The statements of <see cref="SoonHits"/>.</summary>
internal static class SoonHitSql
{
    /// <summary>Most hits that a statement looks at.</summary>
    public const int AtOnce = 1_000;

    /// <summary>A look into many days' partitions seems dear enough to be compiled, which took 0.2 s, where there was nothing new too.</summary>
    public const string WithoutCompiling = "SELECT set_config('jit', 'off', true)";

    /// <summary>
    /// Hits of people behind the id $3, from the moment $4 on, and whether they are too soon after all. Ids are UUIDv7 of the hit's time: so the primary key
    /// is the index by time, and what is older is never looked at; each hit costs a look into its message's events. Measured on a busy machine, with
    /// messages of 13 days: 0.25 ms where there is nothing new, 30 to 50 ms for 1,000 hits. The limit stands in the text for the plan's sake.
    /// </summary>
    public static readonly string Page =
        $"""
        SELECT h.id, coalesce(h.at < delivered.at + $1, false)
        FROM (SELECT id, message_id, at FROM link_hits WHERE id > greatest($3::uuid, uuid7_floor($4)) AND flags = 0 ORDER BY id LIMIT {AtOnce}) h
        {LinkHitSql.Delivered}
        ORDER BY h.id
        """;

    /// <summary>
    /// Before the statement that changes them, and in the transaction of both: whoever adds a hit to such a message has its row until he commits, and that
    /// statement's snapshot has to have the hit. They are locked in the order in which writes lock them.
    /// </summary>
    public const string LockClickers =
        """
        SELECT FROM link_clickers WHERE message_id = ANY (ARRAY(SELECT message_id FROM link_hits WHERE id = ANY($1::uuid[]))) ORDER BY message_id FOR NO KEY UPDATE
        """;

    /// <summary>
    /// Flags hits that are still people's, and takes them from the counts of people. A message whose first click was among them is counted at the next one of
    /// a person, or no longer. A first click that is none of the hits, since it was removed with its day, stays.
    /// </summary>
    public const string Flag =
        $"""
        WITH flagged AS (
          UPDATE link_hits SET flags = 8 WHERE id = ANY($1::uuid[]) AND flags = 0 RETURNING message_id, tenant_id, campaign_id, at
        ),
        moved AS MATERIALIZED (
          SELECT c.message_id, c.tenant_id, c.campaign_id, c.at AS was, others.at
          FROM (SELECT DISTINCT message_id, at FROM flagged) f
          JOIN link_clickers c ON c.message_id = f.message_id AND c.at = f.at
          CROSS JOIN LATERAL (
            SELECT min(h.at) AS at FROM link_hits h WHERE h.message_id = c.message_id AND h.flags = 0 AND h.id <> ALL($1::uuid[])
          ) others
          WHERE others.at IS DISTINCT FROM c.at
        ),
        gone AS (
          DELETE FROM link_clickers c USING moved m WHERE c.message_id = m.message_id AND m.at IS NULL
        ),
        put AS (
          UPDATE link_clickers c SET at = m.at, was = NULL FROM moved m WHERE c.message_id = m.message_id AND m.at IS NOT NULL
        ),
        counted AS (
          INSERT INTO link_counts (tenant_id, campaign_id, quarter, raw, human, clickers)
          SELECT tenant_id, campaign_id, date_bin('15 minutes', at, '1970-01-01T00:00Z') AS quarter, 0, sum(human), sum(clickers)
          FROM (
            SELECT tenant_id, campaign_id, at, -1 AS human, 0 AS clickers FROM flagged
            UNION ALL SELECT tenant_id, campaign_id, was, 0, -1 FROM moved
            UNION ALL SELECT tenant_id, campaign_id, at, 0, 1 FROM moved WHERE at IS NOT NULL
          ) told
          GROUP BY 1, 2, 3 ORDER BY 1, 3, 2
          {LinkHitSql.AddToCounts}
        )
        SELECT count(*) FROM flagged
        """;

    /// <summary>Nobody is waited for longer: a replay may take long, and holds it all the while.</summary>
    public const string LockTimeout = "SELECT set_config('lock_timeout', '5s', true)";

    public const string LockChanges = $"SELECT pg_advisory_xact_lock({LinkHitSql.ChangesLock})";
}
