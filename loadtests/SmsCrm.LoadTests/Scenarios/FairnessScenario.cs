using Grpc.Core;
using SmsCrm.LoadTests.Environment;
using SmsCrm.LoadTests.Measuring;

namespace SmsCrm.LoadTests.Scenarios;

/// <summary>
/// One small tenant's latency: alone; while another tenant's campaign of 200,000 comes in, whose sender sends one segment a second, and a third one's
/// account hangs; and beside the backlog that these leave. All share the partitions, the workers and the database.
/// </summary>
internal sealed class FairnessScenario(LoadEnvironment environment, TimeProvider clock)
{
    private const int CampaignSize = 200_000;
    private const int CampaignRate = 2_000;
    private const int HangingRate = 20;

    /// <summary>Long enough for the campaign to come in while the load is offered, and for the hanging account after it.</summary>
    private static readonly TimeSpan Hanging = TimeSpan.FromMinutes(30);

    /// <param name="report">Is given each result, with its place in the scenario's name.</param>
    public async Task RunAsync(LoadRun run, Action<LoadResult> report, CancellationToken cancellation)
    {
        var runner = new ScenarioRunner(environment, clock);
        report(await MeasureAsync(runner, run, "alone", cancellation));

        var large = await environment.AddTenantAsync(new LoadTenantSettings("Large", 100) { Senders = 1, SenderRate = 1 }, cancellation);
        var hanging = await environment.AddTenantAsync(
            new LoadTenantSettings("Hanging", 1_000) { Account = await environment.AddHangingAccountAsync(cancellation) }, cancellation);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var hangs = OfferAsync(hanging, "hanging", HangingRate, Hanging, run.Seed + 2, over.Token);
        var comesIn = OfferAsync(large, "large", CampaignRate, TimeSpan.FromSeconds(CampaignSize / CampaignRate), run.Seed + 1, over.Token);
        report(await MeasureAsync(runner, run, "while-it-comes-in", cancellation));
        var accepted = await comesIn;
        Console.WriteLine(FormattableString.Invariant($"the campaign is in: {accepted:N0} accepted"));

        report(await MeasureAsync(runner, run, "beside-the-backlog", cancellation));
        await over.CancelAsync();
        await hangs;
    }

    private static async Task<LoadResult> MeasureAsync(ScenarioRunner runner, LoadRun run, string part, CancellationToken cancellation) =>
        (await runner.RunAsync(run with { Scenario = ScenarioRunner.Pipeline }, cancellation)) with { Scenario = $"{ScenarioRunner.Fairness}-{part}" };

    /// <returns>How many were accepted.</returns>
    private async Task<long> OfferAsync(LoadTenant tenant, string campaign, int rate, TimeSpan lasting, int seed, CancellationToken cancellation)
    {
        var schedule = new ArrivalSchedule(rate, lasting, seed);
        var tally = new IngestTally();
        await using var grpc = new GrpcLoad(environment.GrpcAddress, tenant.ApiKey, campaign);
        try
        {
            await grpc.RunAsync(new OpenLoop(schedule, clock), schedule.Count, streams: 2, tally, cancellation);
        }
        catch (Exception over) when (over is OperationCanceledException or RpcException && cancellation.IsCancellationRequested)
        {
            // The measuring is over.
        }

        return tally.Accepted;
    }
}
