using System.Data;
using Dapper;
using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Reporting.Summary;

/// <summary>Counts from the rollup; they cost the same at a thousand and at a hundred million messages.</summary>
public sealed class SummaryQueries(NpgsqlDataSource database)
{
    private const int MaxReasons = 100;
    private const int TimeoutSeconds = 5;

    /// <summary>Totals and what is not yet folded into them, from one snapshot.</summary>
    private const string Sql = """
        SELECT state, reason, code, sum(messages)::bigint AS messages, sum(segments)::bigint AS segments, now() AS AsOf
        FROM (
          SELECT state, reason, code, messages, segments FROM message_counts
          WHERE tenant_id = @tenant AND day BETWEEN @from AND @to AND (@campaign::text IS NULL OR campaign_id = @campaign)
          UNION ALL
          SELECT state, reason, code, messages, segments FROM count_deltas
          WHERE tenant_id = @tenant AND day BETWEEN @from AND @to AND (@campaign::text IS NULL OR campaign_id = @campaign)
        ) AS counts
        GROUP BY state, reason, code
        HAVING sum(messages) <> 0
        UNION ALL
        SELECT 0::smallint, 0::smallint, 0, 0, 0, now()
        ORDER BY messages DESC, state, reason, code
        """;

    /// <param name="campaignId">Null: all campaigns, and messages without one.</param>
    /// <param name="from">First day of acceptance, by the tenant's clock then; null: since the beginning.</param>
    /// <param name="to">Last day of acceptance, by the tenant's clock then; null: until now.</param>
    public async Task<SummaryView> SummariseAsync(TenantId tenant, string? campaignId, DateOnly? from, DateOnly? to, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await ReadAsync(connection, tenant, campaignId, from, to, cancellation);
    }

    /// <summary>How the database answers it, run once: for measurements.</summary>
    public async Task<string> ExplainAsync(TenantId tenant, string? campaignId, DateOnly? from, DateOnly? to, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return string.Join('\n', await connection.QueryAsync<string>(Command($"EXPLAIN (ANALYZE, BUFFERS) {Sql}", tenant, campaignId, from, to, cancellation)));
    }

    private static CommandDefinition Command(
        string sql, TenantId tenant, string? campaignId, DateOnly? from, DateOnly? to, CancellationToken cancellation) => new(
        sql,
        new
        {
            tenant = tenant.Value,
            campaign = campaignId,
            from = (from ?? new DateOnly(2000, 1, 1)).ToDateTime(TimeOnly.MinValue),
            to = (to ?? new DateOnly(9999, 12, 31)).ToDateTime(TimeOnly.MinValue),
        },
        commandTimeout: TimeoutSeconds,
        cancellationToken: cancellation);

    private static async Task<SummaryView> ReadAsync(
        NpgsqlConnection connection, TenantId tenant, string? campaignId, DateOnly? from, DateOnly? to, CancellationToken cancellation)
    {
        var counts = (await connection.QueryAsync<CountRow>(Command(Sql, tenant, campaignId, from, to, cancellation))).AsList();
        return View(campaignId, from, to, counts.Where(count => count.State != 0).ToList(), new DateTimeOffset(counts.Single(count => count.State == 0).AsOf));
    }

    /// <summary>The same, with the range of as many days before, both of one moment.</summary>
    public async Task<SummaryView> CompareAsync(TenantId tenant, string? campaignId, DateOnly from, DateOnly to, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var before = await ReadAsync(connection, tenant, campaignId, from.AddDays(from.DayNumber - to.DayNumber - 1), from.AddDays(-1), cancellation);
        return await ReadAsync(connection, tenant, campaignId, from, to, cancellation) with { Previous = before };
    }

    internal static SummaryView View(string? campaignId, DateOnly? from, DateOnly? to, IReadOnlyList<CountRow> counts, DateTimeOffset asOf)
    {
        long Of(Func<MessageState, bool> part) => counts.Where(c => part((MessageState)c.State)).Sum(c => c.Messages);
        return new SummaryView(
            campaignId,
            from,
            to,
            counts.Sum(c => c.Messages),
            counts.Sum(c => c.Segments),
            new BalanceView(
                Waiting: Of(state => state is MessageState.Queued or MessageState.Deferred or MessageState.Claimed or MessageState.Unknown),
                Sent: Of(state => state.IsTaken()),
                Failed: Of(state => state is MessageState.Failed),
                Rejected: Of(state => state is MessageState.Rejected or MessageState.Cancelled),
                Uncertain: Of(state => state is MessageState.Uncertain)),
            counts.GroupBy(c => c.State).OrderBy(g => g.Key).ToDictionary(
                g => ((MessageState)g.Key).Code(), g => new StateCountView(g.Sum(c => c.Messages), g.Sum(c => c.Segments))),
            [.. counts.Where(c => c.Reason != 0 || c.Code != 0).Take(MaxReasons).Select(c => new ReasonCountView(
                ((MessageState)c.State).Code(),
                c.Reason == 0 ? null : ((Reason)c.Reason).Code(),
                c.Code == 0 ? null : c.Code,
                c.Messages,
                c.Segments))],
            asOf);
    }

    internal sealed class CountRow
    {
        public short State { get; init; }

        public short Reason { get; init; }

        public int Code { get; init; }

        public long Messages { get; init; }

        public long Segments { get; init; }

        public DateTime AsOf { get; init; }
    }
}
