using System.Globalization;
using System.Text.Json;
using SmsCrm.IntegrationTests.TwilioSimulator;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;
using SmsCrm.TwilioSimulator;
using SmsCrm.TwilioSimulator.Knobs;
using StackExchange.Redis;

namespace SmsCrm.IntegrationTests.Pacing;

/// <summary>Invariant 13, counted where it matters: at the provider.</summary>
public sealed class ArrivalsTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private const int Processes = 8;
    private const int Texts = 1_000;

    /// <summary>
    /// Eight processes, but not eight whole send roles: those starve each other on two cores, and lose their partitions in turn. Each of these asks
    /// the same script for the same sender as often as it can, and posts what may go up to a second later.
    /// </summary>
    [Fact]
    public async Task Arrivals_in_any_window_are_at_most_rate_times_the_window_and_2_s_plus_burst_with_8_processes_and_across_FLUSHALL()
    {
        await using var simulator = await RunningSimulator.StartAsync(
            new TwilioSimulatorOptions
            {
                Knobs = new SimulatorKnobs { Limits = new LimitKnob(ConcurrentRequests: 0), Callbacks = new CallbackKnob(LostRate: 1) },
            });
        var folder = await RunFolder.NewAsync("paced");
        var processes = await Task.WhenAll(
            Enumerable.Range(1, Processes).Select(number => PacedProcess.StartAsync(number, redis, simulator.BaseAddress, folder)));
        try
        {
            await Eventually.TrueAsync(async () => (await ArrivalsAsync(simulator)).Select(arrival => arrival.Process).Distinct().Count() == Processes);
            var before = await TakenAsync(simulator);

            // So often that a burst each time would be far more than the bound leaves.
            for (var flush = 1; flush < 10; flush++)
            {
                await UntilTakenAsync(simulator, processes, before + (Texts * flush / 10));
                await FlushAsync();
            }

            await UntilTakenAsync(simulator, processes, before + Texts);
        }
        finally
        {
            await Task.WhenAll(processes.Select(process => process.KillAsync()));
        }

        AssertWithin(await ArrivalsAsync(simulator));
    }

    private static void AssertWithin(List<Arrival> arrivals)
    {
        TestRun.Say(string.Create(CultureInfo.InvariantCulture, $"{arrivals.Max(arrival => arrival.UnderWayMs)} ms from beginning to arrival at most"));
        for (var first = 0; first < arrivals.Count; first++)
        {
            var (segments, underWayMs) = (0, 0L);
            for (var last = first; last < arrivals.Count; last++)
            {
                // The simulator's times are whole milliseconds, so a window may be one longer than it looks. How long a text is under way, on a
                // machine that has no time for it, is nobody's promise: they may arrive closer together than they began by that much.
                segments += arrivals[last].Segments;
                underWayMs = Math.Max(underWayMs, arrivals[last].UnderWayMs);
                var seconds = (arrivals[last].AtMs - arrivals[first].AtMs + 1 + underWayMs) / 1_000.0;
                if (segments > (PacedProcess.Rate * (seconds + 2)) + PacedProcess.Rate)
                {
                    Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{segments} segments arrived within {seconds} s, from arrival {first} to {last} of {arrivals.Count}"));
                }
            }
        }
    }

    private static Task UntilTakenAsync(RunningSimulator simulator, ChildProcess[] processes, int texts) => Eventually.TrueAsync(
        async () =>
        {
            Array.ForEach(processes, process => process.RequireRunning());
            return await TakenAsync(simulator) >= texts;
        });

    private static async Task<int> TakenAsync(RunningSimulator simulator) => (await simulator.CountsAsync()).GetProperty("taken").GetInt32();

    private async Task FlushAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.ConnectionString},allowAdmin=true");
        await connection.GetServers()[0].FlushAllDatabasesAsync();
    }

    /// <summary>The simulator's own record of what began to arrive when.</summary>
    private static async Task<List<Arrival>> ArrivalsAsync(RunningSimulator simulator)
    {
        var lines = await simulator.Control.GetStringAsync("/_control/ledger");
        var arrivals = new List<Arrival>();
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var text = JsonDocument.Parse(line);
            var (process, segments) = PacedPosts.Read(text.RootElement.GetProperty("to").GetString()!);
            var atMs = text.RootElement.GetProperty("createdMs").GetInt64();
            var begunMs = long.Parse(text.RootElement.GetProperty("messageId").GetString()!, CultureInfo.InvariantCulture);
            arrivals.Add(new Arrival(atMs, process, segments, atMs - begunMs));
        }

        return [.. arrivals.OrderBy(arrival => arrival.AtMs)];
    }

    private sealed record Arrival(long AtMs, int Process, int Segments, long UnderWayMs);
}
