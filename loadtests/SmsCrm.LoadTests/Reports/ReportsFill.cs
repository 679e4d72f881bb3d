using System.Globalization;
using Npgsql;
using SmsCrm.Reporting.Reports;

namespace SmsCrm.LoadTests.Reports;

/// <summary>
/// Fills a migrated, empty database with messages of 60 tenants over 184 days, by SQL: rows, their events, and counts that are a recount of both. The
/// k-th tenant has a share of 1/k; each has 10 senders and 40 campaigns; states, codes and reasons are as a good sender's month has them; a tenth of what is delivered is clicked on.
/// </summary>
internal sealed class ReportsFill(NpgsqlDataSource database, IProgress<string> report)
{
    public const int Tenants = 60;

    /// <summary>The longest range of a report, and as long a one before it.</summary>
    public const int Days = 2 * Report.MostDays;

    private const int Senders = 10;

    private const string Plan = """
        CREATE TABLE load_plan AS
          SELECT n, (ARRAY['America/New_York', 'Asia/Kolkata', 'America/St_Johns', 'Europe/Vienna', 'UTC'])[1 + n % 5] AS zone, ('019a0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id, (sum(1.0 / n) OVER (ORDER BY n) / (sum(1.0 / n) OVER ()))::float8 AS upto
          FROM generate_series(1, @tenants) n;
        INSERT INTO tenants (id, name, time_zone)
          SELECT id, 'Load ' || n, zone FROM load_plan;
        INSERT INTO provider_accounts (id, tenant_id, name, account_sid, auth_token_sealed, base_address)
          SELECT id, id, 'main', 'AC' || lpad(to_hex(n), 32, '0'), '', 'http://127.0.0.1' FROM load_plan;
        INSERT INTO senders (id, tenant_id, account_id, address, kind, segments_per_second)
          SELECT ('019a0000-0000-7000-9000-' || lpad(to_hex(n * 100 + s), 12, '0'))::uuid, id, id, (70000 + s)::text, 'short_code', 100
          FROM load_plan, generate_series(1, @senders) s;
        """;

    private const string Partitions = """
        SELECT make_partition('messages', 'messages_' || to_char(d, 'YYYYMMDD'), uuid7_floor(d AT TIME ZONE 'UTC')::text,
            uuid7_floor((d + interval '1 day') AT TIME ZONE 'UTC')::text, ' WITH (fillfactor = 50)')
          + make_partition('message_events', 'message_events_' || to_char(d, 'YYYYMMDD'), (d AT TIME ZONE 'UTC')::text,
            ((d + interval '1 day') AT TIME ZONE 'UTC')::text, '')
        FROM generate_series(@today::timestamp - @days * interval '1 day', @today::timestamp, interval '1 day') d
        """;

    /// <summary>One day's messages, in the order of their ids.</summary>
    private const string Messages = """
        INSERT INTO messages (id, tenant_id, recipient, state, version, purpose, attempt, reason, code, segments, seen, sid_kind, sid, account_id, sender_id,
          updated_at, campaign_id, held_micros, country, accepted_on)
        SELECT id, tenant, number, state,
          CASE state WHEN 1 THEN 1 WHEN 5 THEN 2 WHEN 6 THEN 3 WHEN 7 THEN 3 WHEN 8 THEN 3 WHEN 10 THEN 2 WHEN 13 THEN 3 ELSE 1 END, 2,
          (state NOT IN (1, 11, 12))::int, CASE state WHEN 11 THEN (ARRAY[53, 54, 55, 59])[1 + g % 4] WHEN 10 THEN 80 WHEN 13 THEN 90 ELSE 0 END,
          CASE state WHEN 7 THEN (ARRAY[30003, 30005, 30006, 30007])[1 + g % 4] WHEN 10 THEN 21211 ELSE 0 END, segments,
          CASE state WHEN 5 THEN 32 WHEN 6 THEN 96 WHEN 7 THEN 160 WHEN 8 THEN 288 ELSE 0 END,
          CASE WHEN state BETWEEN 5 AND 9 THEN 'S' END::"char", CASE WHEN state BETWEEN 5 AND 9 THEN id END,
          CASE WHEN state NOT IN (1, 11, 12) THEN tenant END,
          CASE WHEN state NOT IN (1, 11, 12) THEN ('019a0000-0000-7000-9000-' || lpad(to_hex(t * 100 + 1 + g % @senders), 12, '0'))::uuid END,
          at + interval '4 seconds', 'campaign-' || (g / 1000 % 40), CASE WHEN state NOT IN (1, 11, 12) THEN segments * 8300 ELSE 0 END,
          CASE WHEN r2 < 0.9 THEN 'US' WHEN r2 < 0.97 THEN 'CA' WHEN r2 < 0.99 THEN 'PR' ELSE 'GB' END,
          (at AT TIME ZONE (SELECT zones[t] FROM ids))::date
        FROM (
          SELECT g, t, (SELECT ids[t] FROM ids) AS tenant, 12000000000 + (g * 7919) % 9000000 AS number, at, r2, (1 + (r2 * 2.2)::int)::smallint AS segments,
            (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(g::text), 1, 3) || '8' || substr(md5(g::text), 4, 15))::uuid AS id,
            (CASE WHEN r < 0.88 THEN 8 WHEN r < 0.92 THEN 7 WHEN r < 0.935 THEN 6 WHEN r < 0.94 THEN 5 WHEN r < 0.95 THEN 10 WHEN r < 0.98 THEN 11
              WHEN r < 0.99 THEN 12 WHEN r < 0.995 THEN 13 ELSE 1 END)::smallint AS state
          FROM (
            SELECT g, random() AS r, random() AS r2, 1 + width_bucket(random(), (SELECT bounds FROM ids)) AS t,
              @day::timestamptz + (g - @first) * (interval '1 day' / @count) AS at
            FROM generate_series(@first, @first + @count - 1) g
          ) drawn
        ) made ORDER BY id
        """;

    private const string Ids = """
        CREATE TABLE ids AS SELECT array_agg(id ORDER BY n) AS ids, array_agg(zone ORDER BY n) AS zones, (array_agg(upto ORDER BY n))[1:@tenants - 1] AS bounds FROM load_plan
        """;

    /// <summary>What led to each state, a second or two apart.</summary>
    private const string Events = """
        INSERT INTO message_events (message_id, version, kind, attempt, reason, code, tenant_id, at)
        SELECT id, step.version, step.kind, attempt, CASE WHEN step.kind = state THEN reason ELSE 0 END, CASE WHEN step.kind = state THEN code ELSE 0 END, tenant_id,
          uuid7_time(id) + step.version * interval '1 second'
        FROM messages CROSS JOIN LATERAL unnest(
            CASE WHEN state IN (1, 11, 12) THEN ARRAY[state::int] WHEN state = 5 THEN ARRAY[3, 5] WHEN state = 10 THEN ARRAY[3, 10]
              WHEN state = 13 THEN ARRAY[3, 4, 13] ELSE ARRAY[3, 5, state::int] END) WITH ORDINALITY AS step(kind, version)
        WHERE id >= uuid7_floor(@day::timestamptz) AND id < uuid7_floor(@day::timestamptz + interval '1 day')
        ORDER BY id, step.version
        """;

    private static readonly string[] Counts =
    [
        """
        INSERT INTO message_counts (tenant_id, day, campaign_id, state, reason, code, messages, segments, micros)
        SELECT tenant_id, accepted_on, campaign_id, state, reason, code, count(*), sum(segments),
          sum(CASE WHEN state IN (5, 6, 7, 8, 9, 13) THEN held_micros ELSE 0 END)
        FROM messages GROUP BY 1, 2, 3, 4, 5, 6
        """,
        """
        INSERT INTO sender_counts (tenant_id, day, sender_id, country, sent, delivered, undelivered, failed, uncertain, segments, micros)
        SELECT tenant_id, accepted_on, sender_id, country, count(*) FILTER (WHERE state BETWEEN 5 AND 9),
          count(*) FILTER (WHERE state IN (8, 9)), count(*) FILTER (WHERE state = 7), count(*) FILTER (WHERE state = 10), count(*) FILTER (WHERE state = 13),
          coalesce(sum(segments) FILTER (WHERE state <> 10), 0), coalesce(sum(held_micros) FILTER (WHERE state <> 10), 0)
        FROM messages WHERE state IN (5, 6, 7, 8, 9, 10, 13) GROUP BY 1, 2, 3, 4
        """,
        """
        INSERT INTO event_quarters (tenant_id, quarter, accepted, queued, claimed, unknown, taken, sent, undelivered, delivered, failed, rejected, cancelled, uncertain)
        SELECT tenant_id, quarter, coalesce(sum(events) FILTER (WHERE kind = 0), 0), coalesce(sum(events) FILTER (WHERE kind = 1), 0), coalesce(sum(events) FILTER (WHERE kind = 3), 0), coalesce(sum(events) FILTER (WHERE kind = 4), 0), coalesce(sum(events) FILTER (WHERE kind = 5), 0), coalesce(sum(events) FILTER (WHERE kind = 6), 0), coalesce(sum(events) FILTER (WHERE kind = 7), 0), coalesce(sum(events) FILTER (WHERE kind = 8), 0), coalesce(sum(events) FILTER (WHERE kind = 10), 0), coalesce(sum(events) FILTER (WHERE kind = 11), 0), coalesce(sum(events) FILTER (WHERE kind = 12), 0), coalesce(sum(events) FILTER (WHERE kind = 13), 0)
        FROM (
          SELECT tenant_id, date_bin('15 minutes', at, '1970-01-01T00:00Z') AS quarter, kind, count(*) AS events FROM message_events GROUP BY 1, 2, 3
          UNION ALL SELECT tenant_id, date_bin('15 minutes', uuid7_time(id), '1970-01-01T00:00Z'), 0, count(*) FROM messages GROUP BY 1, 2
        ) counted GROUP BY 1, 2
        """,
        """
        INSERT INTO consent_records (tenant_id, number, purpose, kind, at, source, actor)
        SELECT tenant_id, recipient, 0, 'suppressed', uuid7_time(id) + interval '1 minute', 'load', 'load' FROM messages WHERE get_byte(uuid_send(id), 15) = 0
        """,
        """
        INSERT INTO link_counts (tenant_id, campaign_id, quarter, raw, human, clickers)
        SELECT tenant_id, campaign_id, date_bin('15 minutes', uuid7_time(id) + interval '7 minutes', '1970-01-01T00:00Z'), count(*) * 2, count(*), count(*)
        FROM messages WHERE state = 8 AND get_byte(uuid_send(id), 14) < 26 GROUP BY 1, 2, 3
        """,
        "ANALYZE",
    ];

    /// <returns>The tenants, the largest first.</returns>
    public async Task<IReadOnlyList<Guid>> RunAsync(long messages, DateOnly today, CancellationToken cancellation)
    {
        await RunAsync(Plan, cancellation, ("tenants", Tenants), ("senders", Senders));
        await RunAsync(Ids, cancellation, ("tenants", Tenants));
        await RunAsync(Partitions, cancellation, ("today", today.ToDateTime(TimeOnly.MinValue)), ("days", Days));
        var daily = (messages + Days - 1) / Days;
        for (var i = 0; i < Days; i++)
        {
            var day = new DateTime(today.AddDays(i - Days), TimeOnly.MinValue, DateTimeKind.Utc);
            var count = Math.Min(daily, messages - (i * daily));
            if (count > 0)
            {
                await RunAsync(Messages, cancellation, ("day", day), ("first", i * daily), ("count", count), ("senders", (long)Senders));
                await RunAsync(Events, cancellation, ("day", day));
            }

            report.Report(string.Create(CultureInfo.InvariantCulture, $"filled {Math.Min(messages, (i + 1) * daily):N0} of {messages:N0}"));
        }

        foreach (var sql in Counts)
        {
            await RunAsync(sql, cancellation);
        }

        var tenants = new List<Guid>();
        await using var command = database.CreateCommand("SELECT id FROM load_plan ORDER BY n");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            tenants.Add(reader.GetGuid(0));
        }

        return tenants;
    }

    private async Task RunAsync(string sql, CancellationToken cancellation, params (string Name, object Value)[] parameters)
    {
#pragma warning disable CA2100 // One of the constants above.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        command.CommandTimeout = 3_600;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        await command.ExecuteNonQueryAsync(cancellation);
    }
}
