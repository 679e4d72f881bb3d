using Dapper;
using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Reporting.Ledger;

/// <summary>The balanced ledger, from the counts (totals and what is not yet folded into them) and from what waits, in one statement and so at one moment.</summary>
public sealed class LedgerQueries(NpgsqlDataSource database)
{
    /// <summary>Campaigns and days in one answer.</summary>
    public const int MaxLines = 200;

    /// <summary>Days in one answer.</summary>
    public const int MaxDays = 92;

    private const int TimeoutSeconds = 10;

    private const string Counted = "tenant_id = @tenant AND day BETWEEN @from AND @to AND (@campaign::text IS NULL OR campaign_id = @campaign)";

    private const string Sql = $"""
        WITH counted AS MATERIALIZED (
          SELECT day, campaign_id, state, reason, code, sum(messages)::bigint AS messages
          FROM (
            SELECT day, campaign_id, state, reason, code, messages FROM message_counts WHERE {Counted}
            UNION ALL
            SELECT day, campaign_id, state, reason, code, messages FROM count_deltas WHERE {Counted}
          ) counts
          GROUP BY 1, 2, 3, 4, 5 HAVING sum(messages) <> 0
        ),
        waits AS MATERIALIZED (
          SELECT accepted_on AS day, campaign_id, reason, count(*) AS messages,
            count(*) FILTER (WHERE due_at <= now()) AS overdue,
            count(*) FILTER (WHERE due_at > now() AND due_at <= now() + interval '1 hour') AS next_hour,
            min(due_at) AS earliest, max(due_at) AS latest
          FROM waiting
          WHERE tenant_id = @tenant AND (@campaign::text IS NULL OR campaign_id = @campaign)
            AND accepted_on BETWEEN @from AND @to
          GROUP BY 1, 2, 3
        ),
        page AS (
          SELECT day, campaign_id FROM (SELECT day, campaign_id FROM counted UNION SELECT day, campaign_id FROM waits) known
          WHERE @afterDay::date IS NULL OR day < @afterDay OR (day = @afterDay AND campaign_id > @afterCampaign COLLATE "C")
          ORDER BY day DESC, campaign_id COLLATE "C" LIMIT @limit + 1
        ),
        lines AS (
          SELECT day, campaign_id, false AS waits, state, reason, code, messages, 0 AS overdue, 0 AS next_hour,
            NULL::timestamptz AS earliest, NULL::timestamptz AS latest
          FROM counted
          UNION ALL
          SELECT day, campaign_id, true, 2, reason, 0, messages, overdue, next_hour, earliest, latest FROM waits
        )
        SELECT day::timestamp, campaign_id AS CampaignId, waits, state, reason, code, messages, overdue, next_hour AS NextHour, earliest, latest
        FROM lines JOIN page USING (day, campaign_id)
        UNION ALL
        SELECT NULL, NULL, waits, state, reason, code, sum(messages)::bigint, sum(overdue)::bigint, sum(next_hour)::bigint, min(earliest), max(latest)
        FROM lines GROUP BY waits, state, reason, code
        """;

    /// <param name="campaignId">Null: every campaign, and messages without one.</param>
    /// <param name="from">First day of acceptance, of the tenant's own; up to <see cref="MaxDays"/> days with the last one.</param>
    /// <param name="limit">1 to <see cref="MaxLines"/>.</param>
    /// <param name="cursor">As it was handed out; null begins.</param>
    /// <exception cref="FormatException">The cursor was not handed out.</exception>
    public async Task<LedgerView> ReadAsync(
        TenantId tenant, string? campaignId, DateOnly from, DateOnly to, int limit, string? cursor, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(Math.Clamp(limit, 1, MaxLines), limit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to.DayNumber - from.DayNumber, MaxDays - 1);
        LedgerCursor? after = null;
        if (cursor is not null)
        {
            after = LedgerCursor.TryDecode(cursor, out var decoded) ? decoded : throw new FormatException("The cursor was not handed out for this list.");
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = (await connection.QueryAsync<LedgerRow>(new CommandDefinition(
            Sql,
            new
            {
                tenant = tenant.Value,
                campaign = campaignId,
                from = from.ToDateTime(TimeOnly.MinValue),
                to = to.ToDateTime(TimeOnly.MinValue),
                afterDay = after?.Day.ToDateTime(TimeOnly.MinValue),
                afterCampaign = after?.CampaignId,
                limit,
            },
            commandTimeout: TimeoutSeconds,
            cancellationToken: cancellation))).AsList();
        var lines = rows.Where(row => row.Day is not null)
            .GroupBy(row => (Day: DateOnly.FromDateTime(row.Day!.Value), CampaignId: row.CampaignId!))
            .OrderByDescending(line => line.Key.Day).ThenBy(line => line.Key.CampaignId, Utf8Order)
            .Select(line => LedgerBalance.Line(line.Key.Day, line.Key.CampaignId, [.. line]))
            .ToList();
        string? next = null;
        if (lines.Count > limit)
        {
            lines.RemoveRange(limit, lines.Count - limit);
            next = new LedgerCursor(lines[^1].Day!.Value, lines[^1].CampaignId!).Encode();
        }

        return new LedgerView(
            tenant.Value, campaignId, from, to, LedgerBalance.Line(null, null, [.. rows.Where(row => row.Day is null)]), lines, next);
    }

    /// <summary>The database's order: by bytes.</summary>
    private static readonly Comparer<string> Utf8Order = Comparer<string>.Create(
        (left, right) => System.Text.Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(right)));
}
