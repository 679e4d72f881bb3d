using System.Globalization;
using Npgsql;
using SmsCrm.LoadTests.Environment;
using SmsCrm.LoadTests.Measuring;

namespace SmsCrm.LoadTests.Scenarios;

/// <summary>Runs one scenario against a started system: offers the load, follows it to its end, reads the figures.</summary>
internal sealed class ScenarioRunner(LoadEnvironment environment, TimeProvider clock)
{
    public const string Pipeline = "pipeline";
    public const string IngestGrpc = "ingest-grpc";
    public const string IngestRest = "ingest-rest";
    public const string Fairness = "fairness";

    public async Task<LoadResult> RunAsync(LoadRun run, CancellationToken cancellation)
    {
        var campaign = string.Create(CultureInfo.InvariantCulture, $"load-{clock.GetUtcNow():HHmmss}-{run.Rate}");
        var schedule = new ArrivalSchedule(run.Rate, run.Duration, run.Seed);
        var loop = new OpenLoop(schedule, clock);
        var tally = new IngestTally();
        await using var database = NpgsqlDataSource.Create(environment.PostgresConnectionString);
        var watch = run.Sends ? new DeliveryWatch(database, environment.Tenant.Id, campaign) : null;
        var cpu = environment.Cpu();
        cpu.Start();
        using var sampling = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var samples = watch is null ? null : SampleAsync(watch, tally, sampling.Token);
        await OfferAsync(run, campaign, loop, schedule.Count, tally, cancellation);
        var endedAt = clock.GetUtcNow();
        await sampling.CancelAsync();
        var result = new LoadResult
        {
            Scenario = run.Scenario,
            At = loop.StartedAt,
            Broker = run.Broker,
            Rate = run.Rate,
            DurationSeconds = run.Duration.TotalSeconds,
            Seed = run.Seed,
            Machine = ResultFile.Machine,
            Offered = schedule.Count,
            Accepted = tally.Accepted,
            Errors = tally.Errors,
            FirstError = tally.FirstError,
            AcceptLatency = tally.Accept.Summarise(),
            CpuSeconds = cpu.Stop(),
        };
        if (watch is null)
        {
            return result;
        }

        var backlogs = await samples!;
        var states = await watch.DrainAsync(tally.Accepted, clock, cancellation);
        var cpuSeconds = cpu.Stop();
        var (latencies, lastAt) = await watch.LatenciesAsync(loop.StartedAt, schedule, cancellation);
        return result with
        {
            DeliveryLatency = latencies.Summarise(),
            Delivered = states.GetValueOrDefault("delivered"),
            BacklogAtEnd = backlogs.Count == 0 ? null : backlogs[^1],
            BacklogBySecond = backlogs,
            DrainSeconds = lastAt is { } last ? Math.Round(Math.Max(0, (last - endedAt).TotalSeconds), 2) : null,
            Duplicates = (await environment.ProviderCountsAsync(cancellation)).Twice,
            States = states,
            CpuSeconds = cpuSeconds,
        };
    }

    private async Task OfferAsync(LoadRun run, string campaign, OpenLoop loop, int count, IngestTally tally, CancellationToken cancellation)
    {
        if (run.Scenario == IngestRest)
        {
            await using var rest = new RestLoad(environment.HttpAddress, environment.Tenant.ApiKey, campaign, run.Streams * 16);
            await rest.RunAsync(loop, count, tally, cancellation);
        }
        else
        {
            await using var grpc = new GrpcLoad(environment.GrpcAddress, environment.Tenant.ApiKey, campaign);
            await grpc.RunAsync(loop, count, run.Streams, tally, cancellation);
        }
    }

    /// <summary>Accepted and not yet ended, once a second.</summary>
    private async Task<IReadOnlyList<long>> SampleAsync(DeliveryWatch watch, IngestTally tally, CancellationToken cancellation)
    {
        var backlogs = new List<long>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                backlogs.Add(tally.Accepted - DeliveryWatch.Ended(await watch.CountAsync(cancellation)));
            }
        }
        catch (OperationCanceledException)
        {
            // The load has been offered: the samples are complete.
        }

        return backlogs;
    }
}
