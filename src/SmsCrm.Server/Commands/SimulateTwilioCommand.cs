using System.CommandLine;
using SmsCrm.Server.Telemetry;
using SmsCrm.TwilioSimulator;

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
        port.Validators.Add(result => Numbers.Require(result, "--port", 1, ushort.MaxValue));
        var command = new CommandWithExamples(
            "simulate-twilio",
            "Runs a local Twilio: the Messages API at /2010-04-01, faults and counts at /_control.",
            "smscrm simulate-twilio",
            "smscrm simulate-twilio --port 8090 --ledger simulator.ledger")
        {
            port,
            ledger,
            seed,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new TwilioSimulatorOptions { Port = parsed.GetValue(port), LedgerPath = parsed.GetValue(ledger), Seed = parsed.GetValue(seed) }, cancellation));
        return command;
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
