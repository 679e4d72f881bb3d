using System.CommandLine;
using SmsCrm.Server.Hosting;
using SmsCrm.Streams;
using SmsCrm.Streams.Topics;

namespace SmsCrm.Server.Commands;

/// <summary><c>smscrm topics</c>: creates the topics, or only compares them with the settings.</summary>
internal static class TopicsCommand
{
    public static Command Create()
    {
        var check = new Option<bool>("--check") { Description = "Only compares; creates nothing. Ends with 1 when something differs." };
        var command = new CommandWithExamples(
            "topics",
            "Creates the Kafka topics that are missing, and compares all with the settings SmsCrm:Kafka:Topics.",
            "smscrm topics",
            "smscrm topics --check",
            "SmsCrm__Kafka__BootstrapServers=kafka:9092 SmsCrm__Kafka__Topics__Partitions=24 smscrm topics")
        {
            check,
        };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(check)));
        return command;
    }

    private static async Task<int> RunAsync(bool checkOnly)
    {
        using var host = await CommandHost.BuildAsync((services, configuration) => services.AddStreams(configuration));
        var admin = host.Services.GetRequiredService<TopicAdmin>();
        try
        {
            var report = checkOnly ? await admin.CheckAsync(Contracts.Topics.All) : await admin.EnsureAsync(Contracts.Topics.All);
            foreach (var line in report.Done.Concat(report.Differences))
            {
                await Console.Out.WriteLineAsync(line);
            }

            if (report.Differences.Count == 0)
            {
                await Console.Out.WriteLineAsync($"All {Contracts.Topics.All.Count} topics are as the settings say.");
            }

            return checkOnly && report.Differences.Count > 0 ? ExitCodes.Failed : ExitCodes.Ok;
        }
        catch (KafkaUnreachableException away)
        {
            throw new CommandException(away.Message);
        }
    }
}
