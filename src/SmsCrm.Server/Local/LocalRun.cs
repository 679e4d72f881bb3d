using System.Globalization;

namespace SmsCrm.Server.Local;

/// <summary><c>smscrm local run</c>, which `./build.sh run` becomes.</summary>
/// <param name="Folder">The data of this checkout (.local), made when missing.</param>
public sealed record LocalRunOptions(string Folder)
{
    public KafkaKind Kafka { get; init; } = KafkaKind.Embedded;

    public LocalPorts Ports { get; init; } = new();

    /// <summary>Stops after the demo's summary instead of staying up.</summary>
    public bool ExitAfterSummary { get; init; }

    /// <summary>Texts of the demo campaign, 1 to 100,000. Default 1,000.</summary>
    public int DemoMessages { get; init; } = 1000;
}

/// <summary>Starts a whole system, sends the demo campaign, shows what becomes of it, and stays up until it is told to stop.</summary>
public static class LocalRun
{
    /// <summary>
    /// Returns 0, or 1 when something did not start, died, or the demo did not end as it should. Cancelling (Ctrl-C) stops
    /// everything in order and is no error.
    /// </summary>
    public static async Task<int> RunAsync(LocalRunOptions options, CancellationToken cancellationToken)
    {
        var output = Console.Out;
        try
        {
            using var held = RunLock.Take(options.Folder);
            return await RunHeldAsync(options, output, cancellationToken).ConfigureAwait(false);
        }
        catch (LocalServerException e)
        {
            output.WriteLine(e.Message);
            return 1;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            output.WriteLine("Stopped.");
            return 0;
        }
    }

    private static async Task<int> RunHeldAsync(LocalRunOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine($"Starting on this machine; data and logs lie under {options.Folder}");
        var demoKeyFile = Path.Combine(Path.GetFullPath(options.Folder), "run", "demo-key");
        var system = await LocalSystem.StartAsync(
            new LocalSystemOptions(Path.Combine(options.Folder, "run"), ServerProgram.Running)
            {
                Ports = options.Ports,
                Kafka = options.Kafka,
                CacheFolder = Path.Combine(options.Folder, "cache"),
                Settings = new Dictionary<string, string> { ["SmsCrm__Seed__DemoKeyFile"] = demoKeyFile },
            },
            new Steps(output),
            cancellationToken).ConfigureAwait(false);
        try
        {
            var key = (await File.ReadAllTextAsync(demoKeyFile, cancellationToken).ConfigureAwait(false)).Trim();
            return await WhileNobodyDiesAsync(
                system, output, token => ShowDemoAsync(options, system, key, output, token), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            output.WriteLine("Stopping: the server drains, then the simulator, Kafka, Redis and Postgres end.");
            await system.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<int> ShowDemoAsync(
        LocalRunOptions options, LocalSystem system, string key, TextWriter output, CancellationToken cancellationToken)
    {
        var demo = new DemoCampaign(system, key, options.DemoMessages);
        var result = await demo.RunAsync(DemoProgress.For(output, options.DemoMessages), cancellationToken).ConfigureAwait(false);
        RunReport.Print(output, system, demo, result, key);
        if (options.ExitAfterSummary)
        {
            return result.IsComplete ? 0 : 1;
        }

        output.WriteLine("Up until Ctrl-C.");
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
        return 0;
    }

    /// <summary>A part that dies ends the run: nothing is started again behind the developer's back.</summary>
    private static async Task<int> WhileNobodyDiesAsync(
        LocalSystem system, TextWriter output, Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var death = system.WaitForDeathAsync(over.Token);
        var working = work(over.Token);
        var first = await Task.WhenAny(death, working).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        if (first == working || cancellationToken.IsCancellationRequested)
        {
            return await working.ConfigureAwait(false);
        }

        output.WriteLine(await death.ConfigureAwait(false));
        await ((Task)working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 1;
    }

    private sealed class Steps(TextWriter output) : IProgress<string>
    {
        private readonly long _started = TimeProvider.System.GetTimestamp();

        public void Report(string value) => output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  {value,-60} {TimeProvider.System.GetElapsedTime(_started).TotalSeconds,5:0.0} s"));
    }
}
