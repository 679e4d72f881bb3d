using System.CommandLine;

namespace SmsCrm.Server.Commands;

/// <summary><c>smscrm send</c>: one text, or many for a trial, through the public gRPC API.</summary>
internal static class SendCommand
{
    private const string KeyVariable = "SMSCRM_API_KEY";

    public static Command Create()
    {
        var key = new Option<string?>("--key") { Description = $"A tenant's API key; by default the environment variable {KeyVariable}.", HelpName = "key" };
        var address = Address("--address", "The server's gRPC address.", "http://127.0.0.1:8081");
        var rest = Address("--rest", "The server's REST address, where --wait reads the timeline.", "http://127.0.0.1:8080");
        var to = new Option<string?>("--to") { Description = "The recipient, in E.164.", HelpName = "number" };
        var body = new Option<string?>("--body") { Description = "The text.", HelpName = "text" };
        var purpose = new Option<string>("--purpose") { Description = "transactional or marketing; it decides the law that applies.", DefaultValueFactory = _ => "transactional" };
        purpose.AcceptOnlyFromAmong("transactional", "marketing");
        var campaign = new Option<string?>("--campaign") { Description = "A campaign's id, up to 64 characters.", HelpName = "id" };
        var sender = new Option<string?>("--from") { Description = "One of the tenant's senders; by default its pool chooses.", HelpName = "sender" };
        var idempotencyKey = new Option<string?>("--idempotency-key") { Description = "With the same key a text is accepted once.", HelpName = "key" };
        var count = new Option<int?>("--count", "--demo")
        {
            Description = "Sends this many demo texts to numbers of New York's exchange 555 instead of one. Only the simulator should see them.",
            HelpName = "N",
        };
        count.Validators.Add(result => Numbers.Require(result, "--count", 1, 1_000_000));
        var wait = new Option<bool>("--wait") { Description = "Follows the text's timeline until its end, at most two minutes." };
        var command = new CommandWithExamples(
            "send",
            "Sends a text by the gRPC API and prints its id.",
            "smscrm send --key smscrm_... --to +12125550123 --body 'Your code is 123456' --wait",
            "SMSCRM_API_KEY=smscrm_... smscrm send --demo 1000 --campaign trial")
        {
            key, address, rest, to, body, purpose, campaign, sender, idempotencyKey, count, wait,
        };
        command.Validators.Add(result =>
        {
            var many = result.GetResult(count) is { Implicit: false };
            if (!many && (result.GetResult(to) is null || result.GetResult(body) is null))
            {
                result.AddError("--to and --body are needed (or --demo N)");
            }

            if (many && (result.GetResult(to) is not null || result.GetResult(wait) is { Implicit: false }))
            {
                result.AddError("--demo excludes --to and --wait");
            }

            if (result.GetResult(key) is null && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(KeyVariable)))
            {
                result.AddError($"--key is needed (or the environment variable {KeyVariable})");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var apiKey = parsed.GetValue(key) ?? Environment.GetEnvironmentVariable(KeyVariable)!;
            using var client = new SendClient(new Uri(parsed.GetRequiredValue(address)), new Uri(parsed.GetRequiredValue(rest)), apiKey);
            var text = new SendText(
                parsed.GetValue(to) ?? "",
                parsed.GetValue(body) ?? "",
                parsed.GetRequiredValue(purpose) == "marketing" ? Contracts.V1.Purpose.Marketing : Contracts.V1.Purpose.Transactional,
                parsed.GetValue(campaign) ?? "",
                parsed.GetValue(sender),
                parsed.GetValue(idempotencyKey) ?? "");
            return parsed.GetValue(count) is { } many
                ? await client.SendManyAsync(text, many, cancellation)
                : await client.SendOneAsync(text, parsed.GetValue(wait), cancellation);
        });
        return command;
    }

    private static Option<string> Address(string name, string description, string otherwise)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => otherwise, HelpName = "address" };
        option.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>();
            if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                result.AddError($"{name} is '{text}'; it must be an address such as {otherwise}");
            }
        });
        return option;
    }
}
