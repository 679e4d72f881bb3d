using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.LoadTests.Measuring;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Reports;
using SmsCrm.Reporting.Summary;
using SmsCrm.Server.Local;
using SmsCrm.Storage;
using SmsCrm.Storage.Migrations;

namespace SmsCrm.LoadTests.Reports;

/// <summary>One report's figures. Milliseconds; a question is one report of one tenant for so many days, compared with as many before.</summary>
internal sealed record ReportFigures(string Report, int Days, int Lines, LatencySummary Cold, LatencySummary Warm, double ColdP95Ms, double WarmP95Ms, string Plan);

/// <summary>One report for a range of days: how it is asked for one tenant (giving its lines), and how the database answers it.</summary>
internal sealed record ReportQuestion(
    string Report, int Days, Func<NpgsqlDataSource, TenantId, Task<int>> AskAsync, Func<NpgsqlDataSource, TenantId, Task<string>> ExplainAsync);

/// <summary>
/// Fills a private Postgres and asks every report of many tenants, cold (the server restarted, so that nothing is in its own memory; each tenant
/// once) and warm. Measured is the query with the reading of its answer, in this process: without HTTP, and without the cache of answers.
/// </summary>
internal sealed class ReportsRun(TimeProvider clock, IProgress<string> report)
{
    public const string Scenario = "reports";

    private const int Port = 18_690;
    private const int WarmRounds = 5;
    private const int Month = 30;

    /// <param name="verify">Whether everything is recounted at the end.</param>
    public async Task<string> RunAsync(long messages, string output, bool verify, CancellationToken cancellation)
    {
        var folder = Path.Combine(Path.GetTempPath(), "smscrm-load-reports");
        Remove(folder);
        await using var postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions(folder, Port), cancellation);
        try
        {
            await new SchemaMigrator(Options.Create(new StorageOptions { Postgres = postgres.ConnectionString })).MigrateUpAsync(cancellation);
            var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
            IReadOnlyList<Guid> tenants;
            var started = clock.GetTimestamp();
            await using (var database = NpgsqlDataSource.Create(postgres.ConnectionString))
            {
                tenants = await new ReportsFill(database, report).RunAsync(messages, today, cancellation);
            }

            report.Report(string.Create(CultureInfo.InvariantCulture, $"filled in {clock.GetElapsedTime(started).TotalSeconds:N0} s"));
            var figures = new List<ReportFigures>();
            foreach (var one in Questions(today, cancellation))
            {
                figures.Add(await MeasureAsync(postgres, one, tenants, cancellation));
                report.Report(string.Create(CultureInfo.InvariantCulture, $"{one.Report}, {one.Days} days: cold p95 {figures[^1].ColdP95Ms} ms, warm p95 {figures[^1].WarmP95Ms} ms"));
            }

            var file = Save(messages, figures, output);
            if (verify)
            {
                await RecountAsync(postgres, today, cancellation);
            }

            return file;
        }
        finally
        {
            await postgres.StopAsync(CancellationToken.None);
            Remove(folder);
        }
    }

    /// <summary>What <c>smscrm replay</c> takes for all of it; it must find that the counts are right.</summary>
    private async Task RecountAsync(LocalPostgres postgres, DateOnly today, CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        var found = await new CountReplay(new PostgresConnections(Options.Create(new StorageOptions { Postgres = postgres.ConnectionString })))
            .RunAsync(today.AddDays(-ReportsFill.Days), cancellation);
        report.Report(string.Create(CultureInfo.InvariantCulture, $"replay of all days took {clock.GetElapsedTime(started).TotalSeconds:N0} s"));
        if (found != default)
        {
            throw new InvalidOperationException($"What was filled in does not agree with itself: {found}");
        }
    }

    /// <summary>Every report for a month and for the longest range that it takes, by the clock of a zone with half hours.</summary>
    private static IEnumerable<ReportQuestion> Questions(DateOnly today, CancellationToken cancellation)
    {
        foreach (var days in new[] { Month, Report.MostDays })
        {
            var first = today.AddDays(1 - days);
            yield return new(
                "summary",
                days,
                async (database, tenant) => (await new SummaryQueries(database).CompareAsync(tenant, null, first, today, cancellation)).States.Count,
                (database, tenant) => new SummaryQueries(database).ExplainAsync(tenant, null, first, today, cancellation));
        }

        foreach (var one in ReportList.All)
        {
            foreach (var days in new[] { Month, one.MaxDays })
            {
                var query = new ReportQuery(
                    default, today.AddDays(1 - days), today, Compare: true, TimeZoneInfo.FindSystemTimeZoneById("America/St_Johns"), null, one.ByStretch ? null : 100);
                yield return new(
                    one.Name,
                    days,
                    async (database, tenant) => (await new ReportQueries(database).ReadAsync(one, query with { Tenant = tenant }, cancellation)).Lines.Count,
                    (database, tenant) => new ReportQueries(database).ExplainAsync(one, query with { Tenant = tenant }, cancellation));
            }
        }
    }

    private async Task<ReportFigures> MeasureAsync(LocalPostgres postgres, ReportQuestion one, IReadOnlyList<Guid> tenants, CancellationToken cancellation)
    {
        NpgsqlConnection.ClearAllPools();
        await postgres.StopAsync(cancellation);
        await postgres.StartAgainAsync(cancellation);
        await using var database = NpgsqlDataSource.Create(postgres.ConnectionString);
        var lines = 0;

        // A connection and this process' own code are warm in both.
        await one.AskAsync(database, new TenantId(Guid.Empty));
        var (cold, warm) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var round = 0; round <= WarmRounds; round++)
        {
            foreach (var tenant in tenants)
            {
                var started = clock.GetTimestamp();
                var answered = await one.AskAsync(database, new TenantId(tenant));
                (round == 0 ? cold : warm).Add(clock.GetElapsedTime(started));
                lines = Math.Max(lines, answered);
            }
        }

        var plan = await one.ExplainAsync(database, new TenantId(tenants[0]));
        return new ReportFigures(one.Report, one.Days, lines, Summary(cold), Summary(warm), P95(cold), P95(warm), plan);
    }

    private static LatencySummary Summary(List<TimeSpan> latencies)
    {
        var histogram = new Latencies();
        latencies.ForEach(histogram.Record);
        return histogram.Summarise();
    }

    private static double P95(List<TimeSpan> latencies) => Math.Round(latencies.Order().ElementAt((int)Math.Ceiling(latencies.Count * 0.95) - 1).TotalMilliseconds, 2);

    private string Save(long messages, IReadOnlyList<ReportFigures> figures, string output)
    {
        var at = clock.GetUtcNow();
        var result = new
        {
            scenario = Scenario,
            at,
            machine = ResultFile.Machine,
            load_average = ResultFile.LoadAverage,
            messages,
            tenants = ReportsFill.Tenants,
            days = ReportsFill.Days,
            reports = figures.Select(figure => new { figure.Report, figure.Days, figure.Lines, figure.Cold, figure.Warm, figure.ColdP95Ms, figure.WarmP95Ms }),
        };
        var file = ResultFile.Save(output, at, string.Create(CultureInfo.InvariantCulture, $"{Scenario}-{messages}"), result);
        var plans = new StringBuilder($"# Plans of the reports on {messages.ToString("N0", CultureInfo.InvariantCulture)} messages ({ResultFile.Machine})\n\n"
            + "Of the largest tenant, warm: so many days compared with as many before. Cold means a restarted Postgres; the operating system's cache is as it was.\n");
        foreach (var figure in figures)
        {
            plans.Append(CultureInfo.InvariantCulture, $"\n## {figure.Report}, {figure.Days} days: p95 cold {figure.ColdP95Ms} ms, warm {figure.WarmP95Ms} ms\n\n```\n{figure.Plan}\n```\n");
        }

        File.WriteAllText(Path.ChangeExtension(file, null) + "-plans.md", plans.ToString());
        return file;
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
