using System.CommandLine;
using SmsCrm.LoadTests.Environment;
using SmsCrm.LoadTests.Measuring;
using SmsCrm.LoadTests.Reports;
using SmsCrm.LoadTests.Scenarios;
using SmsCrm.Server.Local;

var scenario = new Option<string>("--scenario") { Description = "What to measure.", Required = true };
scenario.AcceptOnlyFromAmong(ScenarioRunner.Pipeline, ScenarioRunner.IngestGrpc, ScenarioRunner.IngestRest, ScenarioRunner.Fairness, ReportsRun.Scenario);
var rates = new Option<int[]>("--rate")
{
    Description = "Messages a second, 1 to 100,000; several, separated by spaces, run one after the other on one system. Needed by all but reports.",
    AllowMultipleArgumentsPerToken = true,
};
rates.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int[]>()?.Any(rate => rate is < 1 or > 100_000) == true)
    {
        result.AddError("--rate must be from 1 to 100000");
    }
});
var duration = new Option<int>("--duration") { Description = "Seconds that load is offered, 1 to 86,400.", DefaultValueFactory = _ => 60 };
duration.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > 86_400)
    {
        result.AddError("--duration must be from 1 to 86400");
    }
});
var kafka = new Option<KafkaKind>("--kafka") { Description = "Which broker.", DefaultValueFactory = _ => KafkaKind.Embedded };
var seed = new Option<int>("--seed") { Description = "What the arrival times are drawn from.", DefaultValueFactory = _ => 1 };
var streams = new Option<int>("--streams") { Description = "gRPC streams (or sixteenths of the REST connections) that offer the load, 1 to 64.", DefaultValueFactory = _ => 4 };
streams.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > 64)
    {
        result.AddError("--streams must be from 1 to 64");
    }
});
var warmUp = new Option<int>("--warm-up") { Description = "Seconds at half the first rate before anything is measured, 1 to 600.", DefaultValueFactory = _ => 40 };
warmUp.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > 600)
    {
        result.AddError("--warm-up must be from 1 to 600");
    }
});
var messages = new Option<long>("--messages") { Description = "With reports: messages that are filled in, 10,000 to 1,000,000,000.", DefaultValueFactory = _ => 10_000_000 };
messages.Validators.Add(result =>
{
    if (result.GetValueOrDefault<long>() is < 10_000 or > 1_000_000_000)
    {
        result.AddError("--messages must be from 10000 to 1000000000");
    }
});
var verify = new Option<bool>("--verify") { Description = "With reports: recounts everything at the end, as smscrm replay does, and says how long that took." };
var output = new Option<string>("--out") { Description = "Folder of the JSON results.", DefaultValueFactory = _ => Path.Combine("loadtests", "results") };
var command = new RootCommand("Measures the system on this machine: open model, latency from the intended time, CPU a message by process.")
{
    scenario, rates, duration, kafka, seed, streams, warmUp, messages, verify, output,
};
command.Validators.Add(result =>
{
    if (result.GetValue(scenario) != ReportsRun.Scenario && result.GetValue(rates) is not { Length: > 0 })
    {
        result.AddError("--rate is needed");
    }
});
command.SetAction(async (parsed, cancellation) =>
{
    var report = new Progress<string>(Console.WriteLine);
    try
    {
        if (parsed.GetValue(scenario) == ReportsRun.Scenario)
        {
            Console.WriteLine(await new ReportsRun(TimeProvider.System, report).RunAsync(parsed.GetValue(messages), parsed.GetValue(output)!, parsed.GetValue(verify), cancellation));
            return 0;
        }

        await using var environment = await LoadEnvironment.StartAsync(
            parsed.GetValue(kafka), Run(1, TimeSpan.Zero).Sends ? "all" : "ingest", parsed.GetValue(rates)!.Max(), report, cancellation);
        var runner = new ScenarioRunner(environment, TimeProvider.System);

        // A cold process compiles for its first half minute on two cores (25,000 methods, 30 s of compile time at 500/s): that is not
        // what is asked.
        Console.WriteLine($"warming up for {parsed.GetValue(warmUp)} s at half the rate");
        await runner.RunAsync(Run(Math.Max(1, parsed.GetValue(rates)![0] / 2), TimeSpan.FromSeconds(parsed.GetValue(warmUp))), cancellation);
        foreach (var rate in parsed.GetValue(rates)!)
        {
            var run = Run(rate, TimeSpan.FromSeconds(parsed.GetValue(duration)));
            if (run.Scenario == ScenarioRunner.Fairness)
            {
                await new FairnessScenario(environment, TimeProvider.System).RunAsync(run, Report, cancellation);
            }
            else
            {
                Report(await runner.RunAsync(run, cancellation));
            }
        }

        return 0;
    }
    catch (LocalServerException notStarted)
    {
        await Console.Error.WriteLineAsync(notStarted.Message);
        return 1;
    }

    void Report(LoadResult result)
    {
        ResultTable.Print(result);
        Console.WriteLine(result.Save(parsed.GetValue(output)!));
    }

    LoadRun Run(int rate, TimeSpan lasting) => new(
        parsed.GetValue(scenario)!,
        rate,
        lasting,
        parsed.GetValue(seed),
        parsed.GetValue(streams),
        parsed.GetValue(kafka).ToString().ToLowerInvariant());
});
var parsed = command.Parse(args);
if (parsed.Errors.Count > 0)
{
    await Console.Error.WriteLineAsync($"loadtest: {parsed.Errors[0].Message} (--help says more)");
    return 2;
}

return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
