namespace SmsCrm.Pipeline.Ledger;

/// <summary>
/// The ledger's statements. Everything that changes a message runs, in this order and in one transaction: send keys by key, locks of
/// existing rows by id, inserts by id, updates, links by their messages' ids. So nobody deadlocks: an insert waits where its row is there already and is
/// being changed, and whoever has changed a row waits for nobody's insert any more. What a statement writes besides the row comes only from the rows
/// that it won.
/// </summary>
internal static class LedgerSql
{
    /// <summary>
    /// The plans are made once a connection, maybe while the tables are empty: then a scan of the whole table looks cheapest, and stays.
    /// So rows are looked up one by one, whatever the planner thinks of the tables' size.
    /// </summary>
    public const string LookUpOneByOne =
        "SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), "
        + "set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)";

    public const string JoinAsUsual =
        "SELECT set_config('enable_hashjoin', 'on', true), set_config('enable_mergejoin', 'on', true), "
        + "set_config('enable_seqscan', 'on', true), set_config('enable_bitmapscan', 'on', true)";

    /// <summary>An uncommitted twin is waited for; the key's row stays locked until our commit.</summary>
    public const string TakeKeys =
        """
        INSERT INTO send_keys (tenant_id, key, message_id, request_hash)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bytea[])
        ON CONFLICT (tenant_id, key) DO UPDATE SET message_id = send_keys.message_id
        """;

    /// <summary>The short links of the texts; behind the rows, and in the rows' order.</summary>
    public const string KeepLinks =
        """
        INSERT INTO links (code, message_id, tenant_id, campaign_id, placeholder, url, expires_at)
        SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
        ON CONFLICT (code) DO NOTHING
        """;

    /// <summary>The bounds leave out the days that the batch has nothing of; the array alone does not (measured: 4 us a message and lock).</summary>
    public const string LockRows =
        "SELECT FROM messages WHERE id = ANY($1::uuid[]) AND id BETWEEN $2::uuid AND $3::uuid ORDER BY id FOR NO KEY UPDATE";

    /// <summary>The same lock, with what a decision about the provider's word needs.</summary>
    public const string LockAndReadRows =
        """
        SELECT id, tenant_id, state, version, attempt, reason, code, seen, sid_kind::text, sid
        FROM messages WHERE id = ANY($1::uuid[]) AND id BETWEEN $2::uuid AND $3::uuid ORDER BY id FOR NO KEY UPDATE
        """;

    public const string ReadTextedTwice =
        $"SELECT message_id, detail FROM message_events WHERE message_id = ANY($1::uuid[]) AND kind = {EventTextedTwice}";

    /// <summary>Columns of the input that both statements share, from the id on; $1 to $18.</summary>
    private const string SharedInput =
        """
        $1::uuid[], $2::smallint[], $3::integer[], $4::smallint[], $5::smallint[], $6::integer[], $7::integer[], $8::text[], $9::uuid[],
        $10::uuid[], $11::uuid[], $12::text[], $13::smallint[], $14::integer[], $15::timestamptz[], $16::text[],
        $17::timestamptz[], $18::uuid[]
        """;

    private const string SharedNames =
        """
        id, state, version, attempt, reason, code, seen, sid_kind, sid,
        account_id, sender_id, verdict, event_kind, event_code, provider_at, detail,
        due_at, lane_sender
        """;

    /// <summary>What is written with the rows of <c>won</c>, which has the row's own columns and the input's. $19 to $26.</summary>
    private const string WhatFollows =
        """
        told AS (
          SELECT id, tenant_id, version, event_kind AS kind, attempt, CASE WHEN event_kind = state THEN reason ELSE 0 END AS reason,
            event_code AS code, provider_at, detail
          FROM won WHERE event_kind <> 0
          UNION ALL
          SELECT x.id, w.tenant_id, x.version, x.kind, w.attempt, 0, x.code, x.provider_at, x.detail
          FROM unnest($19::uuid[], $20::integer[], $21::smallint[], $22::integer[], $23::timestamptz[], $24::text[])
            AS x(id, version, kind, code, provider_at, detail)
          JOIN won w ON w.id = x.id AND NOT w.duplicate
        ),
        events AS (
          INSERT INTO message_events (message_id, version, kind, attempt, reason, code, tenant_id, provider_at, detail)
          SELECT id, version, kind, attempt, reason, code, tenant_id, provider_at, detail FROM told
        ),
        event_counts AS (
          INSERT INTO event_count_deltas (tenant_id, quarter, kind, events)
          SELECT tenant_id, date_bin('15 minutes', now(), '1970-01-01T00:00Z'), kind, count(*) FROM told GROUP BY tenant_id, kind
        ),
        waits AS (
          INSERT INTO waiting (message_id, tenant_id, sender_id, purpose, campaign_id, reason, segments, due_at, accepted_on)
          SELECT id, tenant_id, lane_sender, purpose, campaign_id, reason, segments, due_at, day FROM won WHERE state = 2
          ON CONFLICT (message_id) DO UPDATE SET sender_id = EXCLUDED.sender_id, reason = EXCLUDED.reason, due_at = EXCLUDED.due_at
        ),
        claimed AS (
          INSERT INTO claims (batch, worker, message_ids)
          SELECT $25::uuid, $26::uuid, array_agg(id ORDER BY id) FROM won WHERE state = 3 AND $25::uuid IS NOT NULL HAVING count(*) > 0
        )
        """;

    private const string InsertTail =
        $"""
        ),
        won AS (
          SELECT i.* FROM written w JOIN input i ON i.id = w.id
        ),
        {WhatFollows},
        -- Kind 0: no event, but counted with them.
        accepted AS (
          INSERT INTO event_count_deltas (tenant_id, quarter, kind, events)
          SELECT tenant_id, date_bin('15 minutes', uuid7_time(id), '1970-01-01T00:00Z'), 0::smallint, count(*) FROM won GROUP BY 1, 2
        ),
        counts AS (
          INSERT INTO count_deltas (tenant_id, campaign_id, day, state, reason, code, messages, segments)
          SELECT tenant_id, campaign_id, day, state, reason, code, count(*), sum(segments) FROM won
          GROUP BY tenant_id, campaign_id, day, state, reason, code
        ),
        by_sender AS (
          INSERT INTO sender_count_deltas (tenant_id, day, sender_id, country, sent, delivered, undelivered, failed, uncertain, segments, micros)
          SELECT tenant_id, day, coalesce(sender_id, {NoSender}), country, count(*) FILTER (WHERE state IN {Sent}),
            count(*) FILTER (WHERE state IN {Delivered}), count(*) FILTER (WHERE state = 7), count(*) FILTER (WHERE state = 10),
            count(*) FILTER (WHERE state = 13), coalesce(sum(segments) FILTER (WHERE state IN {Spent}), 0), 0
          FROM won WHERE state IN {Handed} GROUP BY tenant_id, day, sender_id, country
        )
        SELECT i.id, w.id IS NOT NULL, i.first_id, i.first_hash FROM input i LEFT JOIN written w ON w.id = i.id
        WHERE w.id IS NULL OR i.duplicate
        """;

    private const string Written =
        """
        ),
        written AS (
          INSERT INTO messages (id, tenant_id, recipient, state, version, purpose, attempt, reason, code, segments, seen, sid_kind, no_receipt,
            sid, account_id, sender_id, updated_at, campaign_id, client_reference, idempotency_key, verdict, request, content_hash, claimed_at,
            held_micros, budget_id, campaign_budget_id, country, accepted_on)
          SELECT id, tenant_id, recipient, state, version, purpose, attempt, reason, code, segments, seen, sid_kind::"char", false,
            sid, account_id, sender_id, now(), campaign_id, client_reference, key, verdict, request, content_hash,
            CASE WHEN state = 3 THEN now() END, CASE WHEN state = 3 THEN cost ELSE 0 END, CASE WHEN state = 3 THEN tenant_budget END,
            CASE WHEN state = 3 THEN campaign_budget END, country, day
          FROM input WHERE $39::bigint IS NULL OR $39 = (SELECT version FROM settings_version)
          ON CONFLICT (id) DO NOTHING
          RETURNING id
        """;

    private const string FirstRowInput =
        $"""
        unnest({SharedInput}, $27::uuid[], $28::bigint[], $29::smallint[], $30::smallint[], $31::text[], $32::text[], $33::text[], $34::bytea[],
          $35::bigint[], $36::bigint[], $37::uuid[], $38::uuid[], $40::text[], $41::date[])
          AS i({SharedNames}, tenant_id, recipient, purpose, segments, campaign_id, client_reference, key, request, content_hash,
            cost, tenant_budget, campaign_budget, country, day)
        """;

    /// <summary>First rows of messages without idempotency keys. Answers the ids that had a row already.</summary>
    public const string Insert =
        $"""
        WITH input AS MATERIALIZED (
          SELECT i.*, false AS duplicate, NULL::uuid AS first_id, NULL::bytea AS first_hash FROM {FirstRowInput}
        {Written}
        {InsertTail}
        """;

    /// <summary>First rows, judged by their keys: a message whose key another one has becomes rejected, duplicate of the first.</summary>
    public const string InsertWithKeys =
        $"""
        WITH judged AS (
          SELECT i.*, coalesce(k.message_id <> i.id, false) AS duplicate, k.message_id AS first_id, k.request_hash AS first_hash
          FROM {FirstRowInput}
          LEFT JOIN LATERAL (
            SELECT message_id, request_hash FROM send_keys WHERE tenant_id = i.tenant_id AND key = i.key LIMIT 1
          ) k ON true
        ),
        input AS MATERIALIZED (
          SELECT id, CASE WHEN duplicate THEN {StateRejected} ELSE state END AS state, CASE WHEN duplicate THEN 1 ELSE version END AS version,
            CASE WHEN duplicate THEN 0 ELSE attempt END AS attempt, CASE WHEN duplicate THEN {ReasonDuplicate} ELSE reason END AS reason,
            CASE WHEN duplicate THEN 0 ELSE code END AS code, seen, sid_kind, sid, account_id, sender_id, verdict, day,
            CASE WHEN duplicate THEN {StateRejected} ELSE event_kind END AS event_kind, CASE WHEN duplicate THEN 0 ELSE event_code END AS event_code,
            provider_at, CASE WHEN duplicate THEN json_build_object('first', first_id)::text ELSE detail END AS detail,
            due_at, lane_sender, tenant_id, recipient, purpose, segments, campaign_id, client_reference, key, request, content_hash,
            cost, tenant_budget, campaign_budget, country, duplicate, first_id, first_hash
          FROM judged
        {Written}
        {InsertTail}
        """;

    /// <summary>
    /// Changes of rows exactly as they were seen. Answers the ids that it won. Without bounds on the id: they tempt the planner to read
    /// the whole range once and to compare each with each.
    /// </summary>
    public const string Update =
        $"""
        WITH won AS (
          UPDATE messages m SET state = i.state, version = i.version, attempt = i.attempt, reason = i.reason, code = i.code,
            seen = m.seen | i.seen, sid_kind = coalesce(m.sid_kind, i.sid_kind::"char"), sid = coalesce(m.sid, i.sid),
            account_id = coalesce(i.account_id, m.account_id), sender_id = coalesce(i.sender_id, m.sender_id),
            verdict = coalesce(i.verdict, m.verdict), no_receipt = i.no_receipt, updated_at = now(),
            claimed_at = CASE WHEN i.state = 3 THEN now() ELSE m.claimed_at END,
            held_micros = CASE WHEN i.state = 3 AND m.seen & {Evidence} = 0 THEN i.cost ELSE m.held_micros END,
            budget_id = CASE WHEN i.state = 3 AND m.seen & {Evidence} = 0 THEN i.tenant_budget ELSE m.budget_id END,
            campaign_budget_id = CASE WHEN i.state = 3 AND m.seen & {Evidence} = 0 THEN i.campaign_budget ELSE m.campaign_budget_id END
          FROM unnest({SharedInput}, $27::integer[], $28::smallint[], $29::smallint[], $30::integer[], $31::boolean[],
            $32::bigint[], $33::uuid[], $34::uuid[])
            AS i({SharedNames}, expected, from_state, from_reason, from_code, no_receipt, cost, tenant_budget, campaign_budget)
          WHERE m.id = i.id AND m.version = i.expected AND m.state = i.from_state AND m.reason = i.from_reason AND m.code = i.from_code
            AND ($35::bigint IS NULL OR $35 = (SELECT version FROM settings_version))
          RETURNING m.id, m.tenant_id, m.campaign_id, m.purpose, m.segments, m.sender_id, m.country, i.state, i.version, i.attempt, i.reason, i.code,
            m.accepted_on AS day, i.event_kind, i.event_code, i.provider_at, i.detail, i.due_at, i.lane_sender, i.from_state, i.from_reason, i.from_code,
            m.held_micros, m.budget_id, m.campaign_budget_id, false AS duplicate,
            m.seen & {Evidence} <> 0 AS by_evidence, m.seen & {Evidence} <> 0 AND i.seen & {Evidence} = 0 AS was_by_evidence
        ),
        {WhatFollows},
        money AS (
          INSERT INTO budget_deltas (budget_id, held_micros, spent_micros)
          SELECT budget, sum(held), sum(spent)
          FROM (
            SELECT unnest(ARRAY[budget_id, campaign_budget_id]) AS budget,
              held_micros * ((state IN (3, 4) OR (state = 2 AND by_evidence))::int
                - (from_state IN (3, 4) OR (from_state = 2 AND was_by_evidence))::int) AS held,
              held_micros * ((state IN {Spent})::int - (from_state IN {Spent})::int) AS spent
            FROM won WHERE held_micros <> 0 AND state <> 3
          ) settled
          WHERE budget IS NOT NULL GROUP BY budget HAVING sum(held) <> 0 OR sum(spent) <> 0
        ),
        waited AS (
          DELETE FROM waiting WHERE message_id IN (SELECT id FROM won WHERE from_state = 2 AND state <> 2)
        ),
        counts AS (
          INSERT INTO count_deltas (tenant_id, campaign_id, day, state, reason, code, messages, segments, micros)
          SELECT tenant_id, campaign_id, day, state, reason, code, sum(n), sum(n * segments), sum(n * micros)
          FROM (
            SELECT tenant_id, campaign_id, day, state, reason, code, 1 AS n, segments,
              CASE WHEN state IN {Spent} THEN held_micros ELSE 0 END AS micros FROM won
            UNION ALL
            SELECT tenant_id, campaign_id, day, from_state, from_reason, from_code, -1, segments,
              CASE WHEN from_state IN {Spent} THEN held_micros ELSE 0 END FROM won
          ) c
          GROUP BY tenant_id, campaign_id, day, state, reason, code
          HAVING sum(n) <> 0 OR sum(n * segments) <> 0 OR sum(n * micros) <> 0
        ),
        by_sender AS (
          INSERT INTO sender_count_deltas (tenant_id, day, sender_id, country, sent, delivered, undelivered, failed, uncertain, segments, micros)
          SELECT tenant_id, day, coalesce(sender_id, {NoSender}), country,
            sum((state IN {Sent})::int - (from_state IN {Sent})::int),
            sum((state IN {Delivered})::int - (from_state IN {Delivered})::int),
            sum((state = 7)::int - (from_state = 7)::int),
            sum((state = 10)::int - (from_state = 10)::int),
            sum((state = 13)::int - (from_state = 13)::int),
            sum(segments * ((state IN {Spent})::int - (from_state IN {Spent})::int)),
            sum(held_micros * ((state IN {Spent})::int - (from_state IN {Spent})::int))
          FROM won
          WHERE state <> from_state AND (state IN {Handed} OR from_state IN {Handed})
            AND NOT (state IN (5, 6) AND from_state IN (5, 6)) AND NOT (state IN {Delivered} AND from_state IN {Delivered})
          GROUP BY tenant_id, day, sender_id, country
        )
        SELECT id FROM won
        """;

    /// <summary>What an attempt held that ended by evidence is held on while its message waits: it may have been sent.</summary>
    private const string Evidence = "1073741824";

    /// <summary>The provider has it.</summary>
    private const string Sent = "(5, 6, 7, 8, 9)";
    private const string Delivered = "(8, 9)";

    /// <summary>What costs money: what was sent, and what may have been.</summary>
    private const string Spent = "(5, 6, 7, 8, 9, 13)";

    /// <summary>States that the counts by sender and country tell; a row's sender changes in none of them.</summary>
    private const string Handed = "(5, 6, 7, 8, 9, 10, 13)";
    private const string NoSender = "'00000000-0000-0000-0000-000000000000'::uuid";
    private const string StateRejected = "11::smallint";
    private const string ReasonDuplicate = "60::smallint";
    private const string EventTextedTwice = "20";
}
