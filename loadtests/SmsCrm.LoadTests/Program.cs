using System.CommandLine;
using System.Globalization;
using SmsCrm.LoadTests;
using SmsCrm.LoadTests.Environment;
using SmsCrm.LoadTests.Links;
using SmsCrm.LoadTests.Measuring;
using SmsCrm.LoadTests.Reports;
using SmsCrm.LoadTests.Scenarios;
using SmsCrm.LoadTests.Webhooks;
using SmsCrm.Server.Local;

if (args is [ReceiverProgram.Command, var port])
{
    await new ReceiverProgram(TimeProvider.System).RunAsync(int.Parse(port, CultureInfo.InvariantCulture));
    return 0;
}

var options = new LoadOptions();
options.Command.SetAction(async (parsed, cancellation) =>
{
    var report = new Progress<string>(Console.WriteLine);
    var output = parsed.GetValue(options.Output)!;
    try
    {
        await (parsed.GetValue(options.Scenario) switch
        {
            ReportsRun.Scenario => RunReportsAsync(),
            WebhooksRun.Scenario => RunWebhooksAsync(),
            LinksRun.Scenario => RunLinksAsync(),
            _ => RunMessagesAsync(),
        });
        return 0;
    }
    catch (LocalServerException notStarted)
    {
        await Console.Error.WriteLineAsync(notStarted.Message);
        return 1;
    }

    async Task RunReportsAsync() => Console.WriteLine(
        await new ReportsRun(TimeProvider.System, report).RunAsync(parsed.GetValue(options.Messages), output, parsed.GetValue(options.Verify), cancellation));

    async Task RunWebhooksAsync()
    {
        var settings = options.WebhooksOf(parsed);
        await using var environment = await LoadEnvironment.StartAsync(parsed.GetValue(options.Kafka), "all", (int)settings.Rate, report, cancellation);
        var result = await new WebhooksRun(environment, TimeProvider.System, report).RunAsync(settings, cancellation);
        WebhooksTable.Print(result);
        Console.WriteLine(ResultFile.Save(
            output, result.At, string.Create(CultureInfo.InvariantCulture, $"{WebhooksRun.Scenario}-{result.Broker}-{result.Rate}"), result));
    }

    async Task RunLinksAsync()
    {
        var settings = options.LinksOf(parsed);
        await using var environment = await LoadEnvironment.StartAsync(
            parsed.GetValue(options.Kafka), LinksRun.Roles, settings.IngestRate, report, cancellation,
            ("SmsCrm__Links__ClientAddressHeader", RedirectLoad.AddressHeader),
            ("SmsCrm__Links__QueuedHits", settings.QueuedHits.ToString(CultureInfo.InvariantCulture)));
        var result = await new LinksRun(environment, TimeProvider.System, report).RunAsync(settings, cancellation);
        LinksTable.Print(result);
        Console.WriteLine(ResultFile.Save(output, result.At, $"{LinksRun.Scenario}-{result.Broker}", result));
    }

    async Task RunMessagesAsync()
    {
        var rates = parsed.GetValue(options.Rates)!;
        var first = options.RunOf(parsed, Math.Max(1, rates[0] / 2), parsed.GetValue(options.WarmUp));
        await using var environment = await LoadEnvironment.StartAsync(parsed.GetValue(options.Kafka), first.Sends ? "all" : "ingest", rates.Max(), report, cancellation);
        var runner = new ScenarioRunner(environment, TimeProvider.System);

        // A cold process compiles for its first half minute on two cores (25,000 methods, 30 s of compile time at 500/s): that is not
        // what is asked.
        Console.WriteLine($"warming up for {parsed.GetValue(options.WarmUp)} s at half the rate");
        await runner.RunAsync(first, cancellation);
        foreach (var rate in rates)
        {
            var run = options.RunOf(parsed, rate, parsed.GetValue(options.Duration));
            if (run.Scenario == ScenarioRunner.Fairness)
            {
                await new FairnessScenario(environment, TimeProvider.System).RunAsync(run, Report, cancellation);
            }
            else
            {
                Report(await runner.RunAsync(run, cancellation));
            }
        }
    }

    void Report(LoadResult result)
    {
        ResultTable.Print(result);
        Console.WriteLine(result.Save(output));
    }
});
var given = options.Command.Parse(args);
if ((given.Errors.Count > 0 ? given.Errors[0].Message : given.Action == options.Command.Action ? options.ErrorOf(given) : null) is { } error)
{
    await Console.Error.WriteLineAsync($"loadtest: {error} (--help says more)");
    return 2;
}

return await given.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
