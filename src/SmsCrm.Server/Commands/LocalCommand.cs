using System.CommandLine;
using SmsCrm.Server.Local;

namespace SmsCrm.Server.Commands;

/// <summary><c>smscrm local run</c>: everything on one machine, which <c>./build.sh run</c> becomes.</summary>
internal static class LocalCommand
{
    public static Command Create()
    {
        var kafka = new Option<KafkaKind>("--kafka")
        {
            Description = "Which Kafka: embedded (in memory), managed (started from KAFKA_HOME) or external (SmsCrm:Kafka:BootstrapServers).",
            DefaultValueFactory = _ => KafkaKind.Embedded,
            HelpName = "embedded|managed|external",
        };
        var folder = new Option<string>("--folder")
        {
            Description = "Where its data and logs lie; the next run goes on with them.",
            DefaultValueFactory = _ => ".local",
            HelpName = "folder",
        };
        var exit = new Option<bool>("--exit") { Description = "Stops after the demo's summary." };
        var demo = new Option<int>("--demo") { Description = "Texts of the demo campaign.", DefaultValueFactory = _ => 1_000, HelpName = "N" };
        demo.Validators.Add(result => Numbers.Require(result, "--demo", 1, 100_000));
        var firstPort = new Option<int?>("--first-port")
        {
            Description = "Eight ports in a row from here on, instead of 8080, 8081, 9090, 8090, 15432, 16379, 19092 and 19093.",
            HelpName = "port",
        };
        firstPort.Validators.Add(result => Numbers.Require(result, "--first-port", 1_024, 65_536 - LocalPorts.Count));
        var run = new CommandWithExamples(
            "run",
            "Starts Postgres, Redis, Kafka, the Twilio simulator and the server, sends a demo campaign, and stays up until Ctrl-C.",
            "smscrm local run",
            "smscrm local run --kafka managed --exit")
        {
            kafka,
            folder,
            exit,
            demo,
            firstPort,
        };
        run.SetAction((parsed, cancellation) => LocalRun.RunAsync(
            new LocalRunOptions(parsed.GetRequiredValue(folder))
            {
                Kafka = parsed.GetValue(kafka),
                ExitAfterSummary = parsed.GetValue(exit),
                DemoMessages = parsed.GetValue(demo),
                Ports = parsed.GetValue(firstPort) is { } first ? LocalPorts.From(first) : new LocalPorts(),
            },
            cancellation));
        return new Command("local", "A whole system on this machine.") { run };
    }
}
