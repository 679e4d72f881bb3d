using System.Globalization;
using Npgsql;
using SmsCrm.LoadTests.Environment;
using SmsCrm.LoadTests.Measuring;
using SmsCrm.LoadTests.Scenarios;

namespace SmsCrm.LoadTests.Links;

/// <summary>What a run is asked to do.</summary>
/// <param name="Rates">Requests for links a second, one after the other.</param>
/// <param name="IngestRate">Texts a second.</param>
/// <param name="Duration">Of each part.</param>
/// <param name="QueuedHits">Hits that may wait in the server before more are lost; the server was started with it.</param>
internal sealed record LinksSettings(
    IReadOnlyList<int> Rates, int IngestRate, TimeSpan Duration, TimeSpan WarmUp, int QueuedHits, int Seed, int Streams, string Broker);

/// <summary>
/// What a link costs at ingest, beside texts without one; then how fast links lead on, by who knows them, at rising rates; last what happens to hits
/// that can't be written while more come than may wait. Every redirect must be a click of the report, or be counted as lost.
/// </summary>
internal sealed class LinksRun(LoadEnvironment environment, TimeProvider clock, IProgress<string> report)
{
    public const string Scenario = "links";

    /// <summary>Takes links in, leads on, writes rows and clicks, reports; nothing is sent.</summary>
    public const string Roles = "ingest,record,crm";

    private const int Rounds = 2;

    /// <summary>How much more than may wait comes while hits can't be written.</summary>
    private const double Overflow = 1.2;

    public async Task<LinksResult> RunAsync(LinksSettings settings, CancellationToken cancellation)
    {
        var (at, load) = (clock.GetUtcNow(), ResultFile.LoadAverage);
        await using var database = NpgsqlDataSource.Create(environment.PostgresConnectionString);
        report.Report(string.Create(CultureInfo.InvariantCulture, $"warming up for {settings.WarmUp.TotalSeconds} s"));
        await IngestAsync(settings with { Duration = settings.WarmUp }, "warm-up", withLink: true, database, cancellation);
        var ingest = new List<IngestPart>();
        for (var i = 0; i < 2 * Rounds; i++)
        {
            var withLink = i % 2 == 1;
            ingest.Add(await IngestAsync(settings, $"{(withLink ? "with" : "without")}-{(i / 2) + 1}", withLink, database, cancellation));
            report.Report(LinksTable.Line(ingest[^1]));
        }

        var redirects = new RedirectParts(environment, settings, database, clock);
        var parts = new List<RedirectPart>();
        await redirects.RunAsync(RedirectKind.Memory, settings.Rates[0], settings.WarmUp, "warm-up", cancellation);
        foreach (var rate in settings.Rates)
        {
            foreach (var kind in Enum.GetValues<RedirectKind>())
            {
                parts.Add(await redirects.RunAsync(kind, rate, settings.Duration, kind.ToString().ToLowerInvariant(), cancellation));
                report.Report(LinksTable.Line(parts[^1]));
            }
        }

        parts.Add(await WhileNothingIsWrittenAsync(redirects, settings, database, cancellation));
        return new LinksResult
        {
            At = at,
            Broker = settings.Broker,
            Machine = ResultFile.Machine,
            LoadAverage = load,
            DurationSeconds = settings.Duration.TotalSeconds,
            Seed = settings.Seed,
            IngestRate = settings.IngestRate,
            QueuedHits = settings.QueuedHits,
            Ingest = ingest,
            IngestRatio = LinksResult.RatioOf(ingest),
            Redirects = parts,
        };
    }

    private async Task<IngestPart> IngestAsync(LinksSettings settings, string name, bool withLink, NpgsqlDataSource database, CancellationToken cancellation)
    {
        var schedule = new ArrivalSchedule(settings.IngestRate, settings.Duration, settings.Seed);
        var (loop, tally, cpu) = (new OpenLoop(schedule, clock), new IngestTally(), environment.Cpu());
        cpu.Start();
        await using (var grpc = new GrpcLoad(environment.GrpcAddress, environment.Tenant.ApiKey, name, withLink))
        {
            await grpc.RunAsync(loop, schedule.Count, settings.Streams, tally, cancellation);
        }

        await new DeliveryWatch(database, environment.Tenant.Id, name).DrainAsync(tally.Accepted, static counts => counts.Values.Sum(), clock, cancellation);
        return new IngestPart(
            name, withLink, schedule.Count, tally.Accepted, tally.Errors, tally.FirstError, tally.Accept.Summarise(), cpu.MicrosecondsPer(tally.Accepted));
    }

    /// <summary>The table of hits is locked meanwhile, as when Postgres hangs: what finds no room to wait is lost, and nothing else.</summary>
    private async Task<RedirectPart> WhileNothingIsWrittenAsync(
        RedirectParts redirects, LinksSettings settings, NpgsqlDataSource database, CancellationToken cancellation)
    {
        var rate = settings.Rates.Max();
        var lasting = TimeSpan.FromSeconds(settings.QueuedHits * Overflow / rate);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var locking = new NpgsqlCommand("LOCK TABLE link_hits IN ACCESS EXCLUSIVE MODE", connection, transaction))
        {
            await locking.ExecuteNonQueryAsync(cancellation);
        }

        var part = await redirects.RunAsync(
            RedirectKind.Memory, rate, lasting, "memory while no hit can be written", cancellation, () => transaction.RollbackAsync(CancellationToken.None));
        report.Report(LinksTable.Line(part));
        return part;
    }
}
