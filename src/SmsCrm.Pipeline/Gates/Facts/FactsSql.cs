namespace SmsCrm.Pipeline.Gates.Facts;

/// <summary>The statements of one round trip. All look rows up by key.</summary>
internal static class FactsSql
{
    // A plan is made once a connection, maybe while the tables are empty: then a scan of everything looks cheapest, and stays.
    // For this round trip (one transaction) rows are looked up one by one, whatever the planner thinks of the tables' size.
    public const string Clock = """
        SELECT clock_timestamp(), (SELECT version FROM settings_version), (SELECT floor FROM ledger_floor),
          set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
        """;

    // The bounds let the planner leave out the days that the batch has nothing of; the array alone does not.
    public const string Rows =
        "SELECT id, state, version, attempt, reason, code, (seen & (1 << 30)) <> 0 FROM messages WHERE id = ANY ($1) AND id >= $2 AND id <= $3";

    public const string Recipients = """
        SELECT r.tenant_id, r.number, r.suppressed_at, r.lifted_at, r.marketing_consent, r.marketing_consent_at, r.marketing_consent_source,
          r.transactional_consent, r.transactional_consent_at, r.transactional_consent_source, r.time_zone, r.region
        FROM unnest($1, $2) AS wanted (tenant_id, number) JOIN recipients r USING (tenant_id, number)
        """;

    public const string PlatformSuppressions =
        "SELECT p.number, p.suppressed_at, p.lifted_at FROM unnest($1) AS wanted (number) JOIN platform_suppressions p USING (number)";

    /// <summary>Of tenants, of campaigns, of recipients. $1 and $2: distinct tenants and campaigns; $3 and $4: every message's.</summary>
    public const string Cancellations = """
        SELECT c.tenant_id, '', 0::bigint, max(c.covers_until) FROM unnest($1) AS wanted (tenant_id)
          JOIN cancellations c ON c.tenant_id = wanted.tenant_id AND c.kind = 1 GROUP BY c.tenant_id
        UNION ALL
        SELECT c.tenant_id, c.campaign_id, 0, max(c.covers_until) FROM unnest($1, $2) AS wanted (tenant_id, campaign_id)
          JOIN cancellations c ON c.tenant_id = wanted.tenant_id AND c.kind = 2 AND c.campaign_id = wanted.campaign_id
          GROUP BY c.tenant_id, c.campaign_id
        UNION ALL
        SELECT c.tenant_id, '', c.number, max(c.covers_until) FROM unnest($3, $4) AS wanted (tenant_id, number)
          JOIN cancellations c ON c.tenant_id = wanted.tenant_id AND c.kind = 3 AND c.campaign_id = '' AND c.number = wanted.number
          GROUP BY c.tenant_id, c.number
        """;

    public const string Budgets = """
        SELECT b.id, b.limit_micros, coalesce(u.held_micros, 0) + coalesce(d.held, 0), coalesce(u.spent_micros, 0) + coalesce(d.spent, 0)
        FROM budgets b LEFT JOIN budget_use u ON u.budget_id = b.id
        LEFT JOIN LATERAL (
          SELECT sum(held_micros)::bigint AS held, sum(spent_micros)::bigint AS spent FROM budget_deltas WHERE budget_id = b.id
        ) d ON true
        WHERE b.id = ANY ($1)
        """;
}
