using System.CommandLine;
using SmsCrm.Streams.LocalBrokers;

namespace SmsCrm.Server.Commands;

/// <summary><c>smscrm local-kafka</c>: the embedded broker as a process of its own, so that it outlives a server.</summary>
internal static class LocalKafkaCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port")
        {
            Description = "Port on 127.0.0.1; 0 takes any free one.",
            DefaultValueFactory = _ => 9092,
            HelpName = "port",
        };
        var partitions = new Option<int>("--partitions")
        {
            Description = "Partitions of each topic.",
            DefaultValueFactory = _ => 8,
            HelpName = "N",
        };
        var addressFile = new Option<string?>("--address-file")
        {
            Description = "A file that holds the broker's address while it runs.",
            HelpName = "file",
        };
        port.Validators.Add(result => Numbers.Require(result, "--port", 0, ushort.MaxValue));
        partitions.Validators.Add(result => Numbers.Require(result, "--partitions", 1, 1_000));
        var command = new CommandWithExamples(
            "local-kafka",
            "Runs a Kafka broker in memory, for development and tests: it forgets everything when it ends.",
            "smscrm local-kafka",
            "smscrm local-kafka --port 0 --address-file kafka.address")
        {
            port,
            partitions,
            addressFile,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                await using var broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions
                {
                    Port = parsed.GetValue(port),
                    Topics = Contracts.Topics.All,
                    Partitions = parsed.GetValue(partitions),
                    AddressFile = parsed.GetValue(addressFile),
                });
                await Console.Out.WriteLineAsync($"Kafka (embedded, in memory) at {broker.Address}".AsMemory(), cancellation);
                await UntilCancelled.WaitAsync(cancellation);
                return ExitCodes.Ok;
            }
            catch (InvalidOperationException notStarted)
            {
                throw new CommandException(notStarted.Message);
            }
        });
        return command;
    }
}
