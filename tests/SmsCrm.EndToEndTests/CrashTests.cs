using System.Globalization;
using SmsCrm.Chaos;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.EndToEndTests;

/// <summary>Promises 1 and 2 through kill -9 of the server's real process; the same on both brokers.</summary>
public abstract class CrashTests(KafkaKind kafka)
{
    private const int Messages = 20_000;

    /// <summary>As in production, but the reconciler asks sooner.</summary>
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["SmsCrm__Reconciliation__UncertainAfterSeconds"] = "5",
        ["SmsCrm__Reconciliation__PollAfterSeconds"] = "20",
    };

    [Fact]
    public async Task Nothing_is_lost_and_nobody_is_texted_twice_when_the_server_is_killed_twice()
    {
        var random = new Random(TestRun.Seed());
        await using var system = await TestSystem.StartAsync(kafka, Settings);
        using var api = await Api.OfAsync(system);
        var sender = new UpstreamSender(api.Grpc, api.Headers, Messages, "killed");

        var sending = sender.RunAsync(TestContext.Current.CancellationToken);
        await KillTwiceAsync(system, random, sender, sending);
        var accepted = await sending;

        await using var ledger = new Ledger(system);
        var ended = await ledger.WaitUntilAllEndedAsync(accepted, TimeSpan.FromMinutes(6));
        using var provider = new Provider(system);
        var (taken, duplicates) = await provider.CountsAsync();
        TestRun.Say($"{accepted.Count} accepted over {sender.Breaks + 1} streams; {ended}; "
            + $"the provider took {taken}, of them {duplicates} twice");
        Assert.Equal(0, duplicates);
        Assert.Equal(Messages, ended[MessageState.Delivered] + ended[MessageState.Uncertain]);
        Assert.InRange(taken, ended[MessageState.Delivered], Messages);
    }

    [Fact]
    public async Task An_ordinary_stop_in_the_middle_leaves_nothing_uncertain()
    {
        const int Some = 3_000;
        await using var system = await TestSystem.StartAsync(kafka, Settings);
        using var api = await Api.OfAsync(system);
        var sender = new UpstreamSender(api.Grpc, api.Headers, Some, "stopped");
        var sending = sender.RunAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => sender.Accepted > Some / 3);

        await system.Server!.StopAsync(TimeSpan.FromSeconds(60));
        var exitCode = system.Server.ExitCode;
        await system.StartServerAsync();
        var accepted = await sending;

        await using var ledger = new Ledger(system);
        var ended = await ledger.WaitUntilAllEndedAsync(accepted, TimeSpan.FromMinutes(4));
        Assert.Equal(0, exitCode);
        Assert.Equal(Some, ended[MessageState.Delivered]);
        using var provider = new Provider(system);
        Assert.Equal(0, (await provider.CountsAsync()).Duplicates);
    }

    private static async Task KillTwiceAsync(LocalSystem system, Random random, UpstreamSender sender, Task sending)
    {
        for (var kill = 1; kill <= 2; kill++)
        {
            // The times are drawn; that something is in work by then is not left to them.
            var already = sender.Accepted;
            await Eventually.TrueAsync(() => sender.Accepted > already || sending.IsCompleted, TimeSpan.FromMinutes(2));
            if (sending.IsFaulted)
            {
                return;
            }

            var after = TimeSpan.FromMilliseconds(random.Next(200, 5_000));
            await Task.Delay(after, TestContext.Current.CancellationToken);
            await system.Server!.KillAsync();
            TestRun.Say(string.Create(CultureInfo.InvariantCulture, $"kill {kill} after {after.TotalSeconds:0.000} s, {sender.Accepted} accepted"));
            await system.StartServerAsync();
        }
    }
}

public sealed class CrashTests_on_the_embedded_broker() : CrashTests(KafkaKind.Embedded)
{
    [Fact]
    public async Task What_was_accepted_outlives_the_brokers_process()
    {
        const int Some = 5_000;
        await using var system = await TestSystem.StartAsync(KafkaKind.Embedded);
        using var api = await Api.OfAsync(system);
        using var provider = new Provider(system);

        // Without its token buckets the pipeline holds: everything is accepted, nothing is sent.
        await system.Redis!.KillAsync();
        var accepted = await new UpstreamSender(api.Grpc, api.Headers, Some, "forgotten").RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, (await provider.CountsAsync()).Taken);

        // The broker forgets all of it, and the server what it had read ahead.
        await system.Kafka.KillAsync();
        await system.Server!.KillAsync();
        await system.Redis.StartAgainAsync();
        await system.Kafka.StartAsync();
        await system.StartServerAsync();

        await using var ledger = new Ledger(system);
        var ended = await ledger.WaitUntilAllEndedAsync(accepted, TimeSpan.FromMinutes(4));
        Assert.Equal(Some, ended[MessageState.Delivered]);
        Assert.Equal((Some, 0), await provider.CountsAsync());
    }
}

public sealed class CrashTests_on_a_real_broker : CrashTests
{
    public CrashTests_on_a_real_broker()
        : base(KafkaKind.Managed) => Assert.SkipUnless(KafkaHome.IsSet, KafkaHome.WhyNot);
}
