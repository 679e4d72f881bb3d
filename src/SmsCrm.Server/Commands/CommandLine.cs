using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using SmsCrm.Server.Commands.Management;

namespace SmsCrm.Server.Commands;

/// <summary>The program's commands, and how a process of any of them ends.</summary>
internal static class CommandLine
{
    /// <summary>After a signal a command has this long to end by itself; more than the server's own drain takes.</summary>
    private static readonly TimeSpan TerminationTimeout = TimeSpan.FromSeconds(90);

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Create().Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            return await MisuseAsync(parsed);
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TerminationTimeout,
            });
        }
        catch (CommandException failed)
        {
            await Console.Error.WriteLineAsync($"smscrm: {failed.Message}");
            return failed.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Failed;
        }
        catch (Npgsql.NpgsqlException away) when (away is not Npgsql.PostgresException || away.IsTransient)
        {
            await Console.Error.WriteLineAsync($"smscrm: Postgres does not answer ({MisuseText.OneLine(away.Message)}); SmsCrm:Storage:Postgres says where it is.");
            return ExitCodes.Failed;
        }
        catch (Exception unexpected)
        {
            await Console.Error.WriteLineAsync($"smscrm: failed unexpectedly: {unexpected}");
            return ExitCodes.Failed;
        }
    }

    internal static RootCommand Create()
    {
        var root = new RootCommand("SMS CRM: takes requests to send texts, keeps them lawful, paces them, hands them to Twilio and tells what became of each.")
        {
            ServeCommand.Create(),
            MigrateCommand.Create(),
            SeedCommand.Create(),
            TopicsCommand.Create(),
            SimulateTwilioCommand.Create(),
            LedgerCommand.Create(),
            LocalKafkaCommand.Create(),
            LocalCommand.Create(),
            KeysCommand.Create(),
            TenantsCommand.Create(),
            AccountsCommand.Create(),
            SendersCommand.Create(),
            RatesCommand.Create(),
            RatesCommand.CreateBudgets(),
            SettingsCommand.Create(),
            RecipientsCommand.CreateSuppressions(),
            RecipientsCommand.CreateConsent(),
            SendCommand.Create(),
            RedriveCommand.Create(),
            ReplayCommand.Create(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    private static async Task<int> MisuseAsync(ParseResult parsed)
    {
        var path = new List<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
        {
            path.Insert(0, result.Command.Name);
        }

        path[0] = "smscrm";
        var errors = string.Join(" ", parsed.Errors.Select(error => MisuseText.Of(error.Message) + "."));
        await Console.Error.WriteLineAsync($"smscrm: {errors} See: {string.Join(' ', path)} --help");
        return ExitCodes.Misuse;
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is CommandWithExamples { Examples.Count: > 0 } command)
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (var example in command.Examples)
                {
                    output.WriteLine($"  {example}");
                }

                output.WriteLine();
            }

            return code;
        }
    }
}
