using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using Npgsql;

namespace SmsCrm.Reporting.Reports;

/// <summary>Answers reports from the counts (totals and what is not yet folded into them), each in one statement.</summary>
public sealed class ReportQueries(NpgsqlDataSource database)
{
    private const int TimeoutSeconds = 10;

    public async Task<ReportView> ReadAsync(Report report, ReportQuery query, CancellationToken cancellation)
    {
        var stretches = StretchesOf(report, query);
        ReportLine? total = null;
        var lines = new List<ReportLineView>();
        await foreach (var line in LinesAsync(report, query, cancellation))
        {
            if (line.IsTotal)
            {
                total = line;
            }
            else
            {
                lines.Add(ReportLines.View(report, query, stretches, line));
            }
        }

        var more = query.Limit is { } limit && lines.Count > limit;
        if (more)
        {
            lines.RemoveRange(query.Limit!.Value, lines.Count - query.Limit.Value);
        }

        return new ReportView(
            report.Name,
            query.From,
            query.To,
            query.Zone.Id,
            query.Compare ? query.ComparedFrom : null,
            query.Compare ? query.From.AddDays(-1) : null,
            total!.AsOf,
            ReportLines.Figures(report, total.Figures),
            query.Compare ? ReportLines.Figures(report, total.Previous) : null,
            report.ByStretch ? Filled(report, query, stretches, lines) : lines,
            more);
    }

    /// <summary>All lines as fields, the header first, as they come from the database.</summary>
    public async IAsyncEnumerable<IReadOnlyList<string>> ExportAsync(
        Report report, ReportQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return ReportLines.Header(report, query);
        var stretches = StretchesOf(report, query);
        if (report.ByStretch)
        {
            // Days and hours without anything are lines too: a bounded number.
            foreach (var line in (await ReadAsync(report, query with { Limit = null }, cancellation)).Lines)
            {
                yield return ReportLines.Fields(report, line);
            }

            yield break;
        }

        await foreach (var line in LinesAsync(report, query with { Limit = null }, cancellation))
        {
            if (!line.IsTotal)
            {
                yield return ReportLines.Fields(report, ReportLines.View(report, query, stretches, line));
            }
        }
    }

    /// <summary>How the database answers it, run once: for measurements.</summary>
    public async Task<string> ExplainAsync(Report report, ReportQuery query, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return string.Join('\n', await connection.QueryAsync<string>(Command($"EXPLAIN (ANALYZE, BUFFERS) {report.Sql}", report, query, cancellation)));
    }

    private async IAsyncEnumerable<ReportLine> LinesAsync(Report report, ReportQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(Command(report.Sql, report, query, cancellation));
        while (await reader.ReadAsync(cancellation))
        {
            var line = Line(report, reader);
            if (line.IsTotal || line.Keys is not [-1])
            {
                yield return line;
            }
        }
    }

    private static ReportLine Line(Report report, DbDataReader reader)
    {
        var figures = new long[report.Figures.Count];
        var previous = new long[report.Figures.Count];
        var first = report.Keys.Count + 1;
        for (var i = 0; i < figures.Length; i++)
        {
            (figures[i], previous[i]) = (reader.GetInt64(first + (2 * i)), reader.GetInt64(first + (2 * i) + 1));
        }

        var asOf = first + (2 * figures.Length);
        var isTotal = reader.GetBoolean(report.Keys.Count);
        return new ReportLine(
            isTotal ? [] : [.. Enumerable.Range(0, report.Keys.Count).Select(reader.GetValue)],
            report.Names.Length > 0 && !reader.IsDBNull(asOf + 1) ? reader.GetString(asOf + 1) : null,
            figures,
            previous,
            isTotal,
            new DateTimeOffset(reader.GetDateTime(asOf), TimeSpan.Zero));
    }

    private static CommandDefinition Command(string sql, Report report, ReportQuery query, CancellationToken cancellation)
    {
        var stretches = StretchesOf(report, query);
        var before = query.Compare ? StretchesOf(report, query with { From = query.ComparedFrom, To = query.From.AddDays(-1) }) : [];
        return new CommandDefinition(
            sql,
            new
            {
                tenant = query.Tenant.Value,
                start = query.Start.ToDateTime(TimeOnly.MinValue),
                from = query.From.ToDateTime(TimeOnly.MinValue),
                to = query.To.ToDateTime(TimeOnly.MinValue),
                campaign = query.CampaignId,
                bounds = before.Concat(stretches).Select(stretch => stretch.Start.UtcDateTime).ToArray(),
                before = before.Count,
                current = LocalTime.StartOf(query.From, query.Zone).UtcDateTime,
                aligned = report.Grain == ReportGrain.LocalDays,
                begin = LocalTime.StartOf(query.Start, query.Zone).UtcDateTime,
                end = LocalTime.StartOf(query.To.AddDays(1), query.Zone).UtcDateTime,

                // One more line than asked for, and the total.
                limit = query.Limit is { } limit && !report.ByStretch ? limit + 2L : long.MaxValue,
            },
            commandTimeout: TimeoutSeconds,
            cancellationToken: cancellation);
    }

    private static IReadOnlyList<LocalStretch> StretchesOf(Report report, ReportQuery query) => report.Grain switch
    {
        ReportGrain.LocalDays => LocalTime.Days(query.From, query.To, query.Zone),
        ReportGrain.LocalHours => LocalTime.Hours(query.From, query.To, query.Zone),
        _ => [],
    };

    private static List<ReportLineView> Filled(Report report, ReportQuery query, IReadOnlyList<LocalStretch> stretches, List<ReportLineView> lines)
    {
        var found = lines.ToDictionary(line => line.Start!.Value);
        var nothing = new ReportLine([], null, new long[report.Figures.Count], new long[report.Figures.Count], false, default);
        return
        [
            .. stretches.Where(stretch => stretch.End > stretch.Start).Select((stretch, i) => found.GetValueOrDefault(stretch.Start)
                ?? ReportLines.View(report, query, [stretch], nothing with { Keys = [0] })),
        ];
    }
}
