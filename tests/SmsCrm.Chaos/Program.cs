using System.CommandLine;
using System.CommandLine.Invocation;
using SmsCrm.Chaos;
using SmsCrm.Server.Local;

var seed = new Option<int?>("--seed") { Description = "What the faults' order and times are drawn from. Default: drawn, and printed." };
var messages = new Option<int>("--messages") { Description = "Texts to send, 1,000 to 1,000,000.", DefaultValueFactory = _ => 50_000 };
messages.Validators.Add(result =>
{
    if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out var value) && value is < 1_000 or > 1_000_000)
    {
        result.AddError($"--messages is {value}; it must be from 1000 to 1000000");
    }
});
var kafka = new Option<KafkaKind>("--kafka")
{
    Description = "Which broker: embedded, or managed (needs KAFKA_HOME).",
    DefaultValueFactory = _ => KafkaKind.Embedded,
    HelpName = "embedded|managed",
};
kafka.Validators.Add(result =>
{
    if (result.Tokens is [{ Value: var text }] && text.Equals("external", StringComparison.OrdinalIgnoreCase))
    {
        result.AddError("--kafka is external; it must be embedded or managed: a broker that somebody else runs is not killed");
    }
});
var folder = new Option<string>("--folder") { Description = "Where the data and logs of the run lie; deleted before it.", DefaultValueFactory = _ => Path.Combine(".local", "chaos") };
var firstPort = new Option<int>("--first-port") { Description = "Eleven ports in a row from here on, 1,024 to 65,525.", DefaultValueFactory = _ => 19_500 };
firstPort.Validators.Add(result =>
{
    if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out var value) && value is < 1_024 or > 65_525)
    {
        result.AddError($"--first-port is {value}; it must be from 1024 to 65525");
    }
});
var command = new RootCommand("Kills parts of a whole system while texts are sent, and counts what was lost and what was texted twice.")
{
    seed, messages, kafka, folder, firstPort,
};
command.SetAction(async (parsed, cancellation) =>
{
    var place = Path.GetFullPath(parsed.GetRequiredValue(folder));
    var first = parsed.GetValue(firstPort);
    var options = new ChaosOptions(
        new LocalSystemOptions(place, new ServerProgram(typeof(LocalSystem).Assembly.Location))
        {
            Kafka = parsed.GetValue(kafka),
            Ports = LocalPorts.From(first),
            CacheFolder = Path.GetFullPath(Path.Combine(".local", "cache")),
        },
        (first + LocalPorts.Count, first + LocalPorts.Count + 1, first + LocalPorts.Count + 2))
    {
        Seed = parsed.GetValue(seed) ?? Random.Shared.Next(),
        Messages = parsed.GetValue(messages),
    };
    try
    {
        // Each run begins with nothing.
        await Leftovers.EndUnderAsync(place, cancellation);
        Leftovers.Delete(place);
        var result = await ChaosRun.RunAsync(options, Console.WriteLine, cancellation);
        if (result.Imbalance.Length > 0)
        {
            Console.WriteLine(result.Imbalance);
        }

        Console.WriteLine($"{result.Lost} lost");
        Console.WriteLine($"{result.Twice} texted twice");
        Console.WriteLine($"{result.Uncertain} uncertain");
        return result.IsKept ? 0 : 1;
    }
    catch (Exception e) when (e is LocalServerException or TimeoutException or InvalidDataException)
    {
        await Console.Error.WriteLineAsync($"chaos: {e.Message} (seed {options.Seed}; logs under {place})");
        return 1;
    }
});
var given = command.Parse(args);
if (given.Action is ParseErrorAction)
{
    await Console.Error.WriteLineAsync($"chaos: {string.Join("; ", given.Errors.Select(error => error.Message))} (./build.sh chaos --help)");
    return 2;
}

// A run that is ended stops its servers first.
return await given.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
