using System.CommandLine;
using SmsCrm.Server.Commands;

namespace SmsCrm.UnitTests.Server.Commands;

public sealed class CommandLineTests
{
    [Fact]
    public void Every_command_that_does_something_has_a_description_and_examples_that_parse()
    {
        foreach (var command in Leaves(CommandLine.Create()))
        {
            Assert.False(string.IsNullOrWhiteSpace(command.Description), command.Name);
            var examples = Assert.IsType<CommandWithExamples>(command).Examples;
            Assert.NotEmpty(examples);
            Assert.All(examples, example => Assert.Empty(Parse(example).Errors));
        }
    }

    [Theory]
    [InlineData("smscrm", "Required command")]
    [InlineData("smscrm srve", "srve")]
    [InlineData("smscrm serve --roles nobody", "--roles has 'nobody'")]
    [InlineData("smscrm serve --port 1", "--port")]
    [InlineData("smscrm migrate --down 0", "--down is 0; it must be from 1 to")]
    [InlineData("smscrm migrate --down x", "x")]
    [InlineData("smscrm migrate --to 9999", "--to is 9999; it must be from 0 to")]
    [InlineData("smscrm migrate --down 1 --to 0", "exclude one another")]
    [InlineData("smscrm keys create --name n", "give either --tenant or --operator")]
    [InlineData("smscrm keys create --name n --operator --tenant 01a21123-3fb9-7a44-bf9b-e941321f3b66", "give either --tenant or --operator")]
    [InlineData("smscrm keys create --operator", "--name")]
    [InlineData("smscrm keys revoke", "revoke")]
    [InlineData("smscrm send --key k", "--to and --body are needed")]
    [InlineData("smscrm send --key k --demo 10 --wait", "--demo excludes")]
    [InlineData("smscrm send --key k --to +12125550123 --body b --address nowhere", "--address is 'nowhere'")]
    [InlineData("smscrm send --key k --to +12125550123 --body b --purpose spam", "spam")]
    [InlineData("smscrm local-kafka --port 70000", "--port is 70000; it must be from 0 to 65535")]
    [InlineData("smscrm simulate-twilio --port 0", "--port is 0; it must be from 1 to 65535")]
    [InlineData("smscrm redrive --older-than 5", "--older-than is 5; it must be from 10 to 604800")]
    [InlineData("smscrm redrive --tenant acme", "acme")]
    [InlineData("smscrm replay", "--from")]
    [InlineData("smscrm replay --from yesterday", "yesterday")]
    [InlineData("smscrm local run --demo 0", "--demo is 0; it must be from 1 to 100000")]
    public void Misuse_is_told_with_the_option_and_its_value(string line, string expected) =>
        Assert.Contains(Parse(line).Errors, error => error.Message.Contains(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("smscrm rates set DE --rate abc", "--rate is 'abc'; it must be a number, such as 0.075")]
    [InlineData("smscrm rates set DE --rate 0.0000001", "--rate is 0.0000001: it must be from 0 to 100, with up to six decimals")]
    [InlineData("smscrm budgets set --tenant 01a21123-3fb9-7a44-bf9b-e941321f3b66 --limit -5", "--limit is -5: it must be from 0 to 1,000,000,000, with up to six decimals")]
    [InlineData("smscrm tenants list --by x", "Unrecognized command or argument '--by'")]
    [InlineData("smscrm tenants update acme", "is 'acme'; it must be an id, such as 019aa000-0000-7000-8000-000000000001")]
    [InlineData("smscrm tenants create --name n --rate 99999999999", "--rate is '99999999999'; it must be a whole number")]
    [InlineData("smscrm tenants create --name n --state gone", "--state is 'gone'; it must be one of active, paused, suspended")]
    [InlineData("smscrm replay --from 2026-13-01", "--from is '2026-13-01'; it must be a day, such as 2026-11-01")]
    public void Misuse_is_one_line_that_names_none_of_our_types(string line, string expected)
    {
        var texts = Parse(line).Errors.Select(error => MisuseText.Of(error.Message)).ToList();

        Assert.Contains(texts, text => text.Contains(expected, StringComparison.Ordinal));
        Assert.All(texts, text => Assert.DoesNotMatch("System\\.|SmsCrm\\.|\n|\t", text));
    }

    [Fact]
    public async Task Misuse_ends_with_2() => Assert.Equal(2, await CommandLine.RunAsync(["serve", "--roles", "nobody"]));

    [Fact]
    public async Task Help_ends_with_0() => Assert.Equal(0, await CommandLine.RunAsync(["serve", "--help"]));

    private static ParseResult Parse(string line)
    {
        // Settings before the program's name belong to the shell.
        var command = line[line.IndexOf("smscrm", StringComparison.Ordinal)..];
        if (line.Contains("SMSCRM_API_KEY=", StringComparison.Ordinal))
        {
            command = line[line.LastIndexOf("smscrm", StringComparison.Ordinal)..] + " --key k";
        }
        else if (line.StartsWith("SmsCrm__", StringComparison.Ordinal))
        {
            command = line[line.LastIndexOf("smscrm ", StringComparison.Ordinal)..];
        }

        return CommandLine.Create().Parse(command["smscrm".Length..].Replace('\'', '"'));
    }

    private static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);
}
