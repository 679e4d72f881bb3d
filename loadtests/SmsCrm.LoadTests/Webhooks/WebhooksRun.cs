using System.Globalization;
using Npgsql;
using SmsCrm.LoadTests.Environment;
using SmsCrm.LoadTests.Measuring;
using SmsCrm.LoadTests.Scenarios;

namespace SmsCrm.LoadTests.Webhooks;

/// <summary>What a run is asked to do.</summary>
/// <param name="Rate">Mean deliveries a second.</param>
/// <param name="Duration">Of each phase.</param>
/// <param name="Rounds">Bad phases, each between two good ones.</param>
internal sealed record WebhooksSettings(WebhooksPlan Plan, double Rate, TimeSpan Duration, TimeSpan WarmUp, int Rounds, int Seed, string Broker)
{
    /// <summary>Every message's one event becomes a delivery to each endpoint of its tenant.</summary>
    public double MessagesPerSecond => Rate / Plan.PerTenant;
}

/// <summary>
/// Promise 5 for webhooks, measured: the delay of good endpoints while some hang and some fail, beside the same without, in one run. Events are real:
/// messages that are sent to the simulator and reported delivered by its callbacks.
/// </summary>
internal sealed class WebhooksRun(LoadEnvironment environment, TimeProvider clock, IProgress<string> report)
{
    public const string Scenario = "webhooks";

    private const int Connections = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A little more than a hanging receiver is waited for.</summary>
    private static readonly TimeSpan HangingOver = TimeSpan.FromSeconds(17);

    public async Task<WebhooksResult> RunAsync(WebhooksSettings settings, CancellationToken cancellation)
    {
        var (at, load, plan) = (clock.GetUtcNow(), ResultFile.LoadAverage, settings.Plan);
        using var receiver = await Receiver.StartAsync(environment, clock, cancellation);
        report.Report(string.Create(CultureInfo.InvariantCulture, $"making {plan.Tenants:N0} tenants with {plan.Endpoints:N0} endpoints"));
        var tenants = await WebhookTenants.CreateAsync(environment, plan, settings.MessagesPerSecond, cancellation);
        await using var database = NpgsqlDataSource.Create(environment.PostgresConnectionString);
        var counts = new WebhookCounts(database, plan, tenants);
        var run = new Parts(settings, receiver, tenants, counts, new WebhookTally(plan), database);
        report.Report(string.Create(CultureInfo.InvariantCulture, $"warming up for {settings.WarmUp.TotalSeconds} s"));
        var events = new Dictionary<int, long>();
        await PhaseAsync(run, new Part("warm-up", false, settings.WarmUp, 0), events, cancellation);
        var phases = new List<WebhooksPhase>();
        for (var i = 0; i <= 2 * settings.Rounds; i++)
        {
            var part = new Part($"{(i % 2 == 1 ? "bad" : "good")}-{(i / 2) + 1}", i % 2 == 1, settings.Duration, i + 1);
            phases.Add(await PhaseAsync(run, part, events, cancellation));
            report.Report(WebhooksTable.Line(phases[^1]));
        }

        return new WebhooksResult
        {
            At = at,
            Broker = settings.Broker,
            Machine = ResultFile.Machine,
            LoadAverage = load,
            Tenants = plan.Tenants,
            Endpoints = plan.Endpoints,
            Hanging = plan.Of(EndpointClass.Hanging).Count,
            Failing = plan.Of(EndpointClass.Failing).Count,
            Rate = settings.Rate,
            DurationSeconds = settings.Duration.TotalSeconds,
            Seed = settings.Seed,
            Phases = phases,
            Ratios = WebhooksResult.RatiosOf(phases),
            Totals = await TotalsAsync(plan, counts, events, cancellation),
        };
    }

    /// <param name="events">Messages delivered so far, by tenant; the phase's are added.</param>
    private async Task<WebhooksPhase> PhaseAsync(Parts run, Part part, Dictionary<int, long> events, CancellationToken cancellation)
    {
        var plan = run.Settings.Plan;
        await run.Receiver.BehaveAsync(
            part.Bad ? new Behaviour(plan.Of(EndpointClass.Hanging), plan.Of(EndpointClass.Failing)) : new Behaviour([], []), cancellation);
        var cpu = environment.Cpu();
        cpu.Start();
        var accepted = await OfferAsync(run, part, cancellation);
        var watch = new DeliveryWatch(run.Database, null, part.Name);
        await watch.DrainAsync(accepted, clock, cancellation);
        var delivered = await run.Counts.DeliveredAsync(part.Name, cancellation);
        var expected = delivered.Sum(of => of.Value * plan.GoodOf(of.Key));
        await DrainAsync(run, part.Name, expected, cancellation);
        var cpuSeconds = cpu.Stop();
        foreach (var (tenant, messages) in delivered)
        {
            events[tenant] = events.GetValueOrDefault(tenant) + messages;
        }

        if (part.Bad)
        {
            // The next phase begins with nothing that hangs, and with what recovered as good as new.
            await run.Receiver.BehaveAsync(new Behaviour([], []), cancellation);
            await Task.Delay(HangingOver, clock, cancellation);
            await run.Tenants.EnableAgainAsync(cancellation);
        }

        var tally = run.Tally.Of(part.Name);
        return new WebhooksPhase(
            part.Name, part.Bad, delivered.Values.Sum(), expected, tally.Delivered, tally.Twice, tally.Delay.Summarise(),
            await run.Counts.ToEnqueuedAsync(part.Name, cancellation), tally.ToHanging, tally.ToFailing, cpuSeconds);
    }

    /// <returns>How many were accepted.</returns>
    private async Task<long> OfferAsync(Parts run, Part part, CancellationToken cancellation)
    {
        var schedule = new ArrivalSchedule(run.Settings.MessagesPerSecond, part.Lasting, run.Settings.Seed + part.Number);
        var owners = run.Settings.Plan.DrawTenants(schedule.Count, run.Settings.Seed + part.Number);
        var tally = new IngestTally();
        await using var rest = new RestLoad(environment.HttpAddress, arrival => run.Tenants.KeyOf(owners[arrival]), part.Name, Connections);
        await rest.RunAsync(new OpenLoop(schedule, clock), schedule.Count, tally, cancellation);
        return tally.Errors == 0
            ? tally.Accepted
            : throw new InvalidOperationException($"{tally.Errors} of {schedule.Count} messages were not accepted, first: {tally.FirstError}");
    }

    /// <summary>Until every good endpoint has what it must get, or nothing has come for 30 s.</summary>
    private async Task DrainAsync(Parts run, string phase, long expected, CancellationToken cancellation)
    {
        var changedAt = clock.GetTimestamp();
        for (var before = -1L; ;)
        {
            foreach (var arrival in await run.Receiver.TakeArrivalsAsync(cancellation))
            {
                run.Tally.Add(arrival);
            }

            var delivered = run.Tally.Of(phase).Delivered;
            if (delivered != before)
            {
                (before, changedAt) = (delivered, clock.GetTimestamp());
            }

            if (delivered >= expected || clock.GetElapsedTime(changedAt) > Patience)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), clock, cancellation);
        }
    }

    private static async Task<IReadOnlyList<DeliveryCounts>> TotalsAsync(
        WebhooksPlan plan, WebhookCounts counts, IReadOnlyDictionary<int, long> events, CancellationToken cancellation)
    {
        var totals = new List<DeliveryCounts>();
        foreach (var kind in Enum.GetValues<EndpointClass>())
        {
            var expected = plan.Of(kind).Sum(endpoint => events.GetValueOrDefault(plan.TenantOf(endpoint)));
            totals.Add(await counts.DeliveriesAsync(kind, expected, cancellation));
        }

        return totals;
    }

    /// <param name="Number">Its place in the run, from 0.</param>
    private sealed record Part(string Name, bool Bad, TimeSpan Lasting, int Number);

    private sealed record Parts(
        WebhooksSettings Settings, Receiver Receiver, WebhookTenants Tenants, WebhookCounts Counts, WebhookTally Tally, NpgsqlDataSource Database);
}
