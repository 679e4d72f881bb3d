using System.CommandLine;
using SmsCrm.Server.Telemetry;
using SmsCrm.TwilioSimulator;
using SmsCrm.TwilioSimulator.Knobs;

namespace SmsCrm.Server.Commands;

/// <summary><c>smscrm simulate-twilio</c>: a local Twilio that takes texts, tells what becomes of them, and sends none.</summary>
internal static class SimulateTwilioCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port")
        {
            Description = "Port on 127.0.0.1.",
            DefaultValueFactory = _ => 8090,
            HelpName = "port",
        };
        var ledger = new Option<string?>("--ledger")
        {
            Description = "The file of what it took, kept over restarts. Without it: a temporary one.",
            HelpName = "file",
        };
        var seed = new Option<ulong>("--seed")
        {
            Description = "What every draw of chance is computed from.",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        };
        var knobs = new Option<string?>("--knobs")
        {
            Description = "A JSON file of faults, delays and rates to start with, as PUT /_control/knobs takes it.",
            HelpName = "file",
        };
        port.Validators.Add(result => Numbers.Require(result, "--port", 1, ushort.MaxValue));
        var command = new CommandWithExamples(
            "simulate-twilio",
            "Runs a local Twilio: the Messages API at /2010-04-01, faults and counts at /_control.",
            "smscrm simulate-twilio",
            "smscrm simulate-twilio --port 8090 --ledger simulator.ledger",
            "smscrm simulate-twilio --knobs faults.json")
        {
            port,
            ledger,
            seed,
            knobs,
        };
        command.SetAction(async (parsed, cancellation) => await RunAsync(
            new TwilioSimulatorOptions
            {
                Port = parsed.GetValue(port),
                LedgerPath = parsed.GetValue(ledger),
                Seed = parsed.GetValue(seed),
                Knobs = await ReadKnobsAsync(parsed.GetValue(knobs), cancellation),
            },
            cancellation));
        return command;
    }

    private static async Task<SimulatorKnobs> ReadKnobsAsync(string? path, CancellationToken cancellation)
    {
        if (path is null)
        {
            return new SimulatorKnobs();
        }

        string json;
        try
        {
            json = await File.ReadAllTextAsync(path, cancellation);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--knobs: {unreadable.Message}", ExitCodes.Misuse);
        }

        var errors = KnobsJson.Apply(json, new SimulatorKnobs(), out var knobs);
        return errors.Count == 0
            ? knobs
            : throw new CommandException(
                string.Join(Environment.NewLine, errors.Select(error => $"{path}: {error.Field} is {error.Value}: {error.Remedy}")), ExitCodes.Misuse);
    }

    private static async Task<int> RunAsync(TwilioSimulatorOptions options, CancellationToken cancellation)
    {
        try
        {
            await using var app = TwilioSimulatorApp.Build(options, logging => logging.AddLogs("text"));
            await app.StartAsync(cancellation);
            await Console.Out.WriteLineAsync(
                $"Twilio simulator at {TwilioSimulatorApp.BaseAddress(app)}: account {SimulatedAccount.DemoSid}, token {SimulatedAccount.DemoAuthToken}".AsMemory(), cancellation);
            await UntilCancelled.WaitAsync(cancellation);
            await app.StopAsync(CancellationToken.None);
            return ExitCodes.Ok;
        }
        catch (Exception notStarted) when (notStarted is IOException or InvalidDataException)
        {
            throw new CommandException(notStarted.Message);
        }
    }
}
