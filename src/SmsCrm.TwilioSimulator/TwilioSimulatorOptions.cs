using System.Net;
using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Knobs;

namespace SmsCrm.TwilioSimulator;

/// <summary>How a simulator is started. What may change while it runs is in <see cref="Knobs"/>.</summary>
public sealed record TwilioSimulatorOptions
{
    /// <summary>0 to 65535; 0 takes any free port (read the real one by <see cref="TwilioSimulatorApp.BaseAddress"/>). Default 8090.</summary>
    public int Port { get; init; } = 8090;

    /// <summary>The address to listen on. Default loopback: the control API has no authentication.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>At least one. Default: <see cref="SimulatedAccount.Demo"/>. More can be added by the control API.</summary>
    public IReadOnlyList<SimulatedAccount> Accounts { get; init; } = [SimulatedAccount.Demo];

    /// <summary>Known messaging services. Empty (the default): any well-formed sid is accepted and sends from a number derived from
    /// it. With a list, another sid is refused with 21701.</summary>
    public IReadOnlyList<SimulatedMessagingService> MessagingServices { get; init; } = [];

    /// <summary>The ledger's file; its folder is made where it is missing. Default null: a temporary file that goes with the process.</summary>
    public string? LedgerPath { get; init; }

    /// <summary>What every draw of chance (faults, fates, latencies) is computed from. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The faults and rates to start with. Default: none, and Twilio's own rates.</summary>
    public SimulatorKnobs Knobs { get; init; } = new();

    /// <summary>The query parameter of a StatusCallback that carries the caller's own message id, for counting what was sent twice.
    /// 1 to 64 characters. Default <c>message</c>.</summary>
    public string MessageIdParameter { get; init; } = "message";

    /// <summary>Callbacks in flight at once, 1 to 1024. Default 256: 20,000 callbacks a second that take ten
    /// milliseconds each need 200.</summary>
    public int CallbackConcurrency { get; init; } = 256;

    /// <summary>Callbacks waiting to be sent, 1,000 to 10,000,000; one more is lost, and counted. Default 1,000,000.</summary>
    public int CallbackBacklog { get; init; } = 1_000_000;

    /// <summary>Where inbound texts are posted when the control API's request names no URL. Default: nowhere.</summary>
    public string? InboundUrl { get; init; }

    /// <summary>Every error of these options at once, each naming setting, value and range. Empty when they are fine.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        Check(Port is >= 0 and <= 65535, $"Port is {Port}: give a port from 0 to 65535.");
        Check(Accounts.Count > 0, "Accounts is empty: give at least one account.");
        Check(MessageIdParameter.Length is >= 1 and <= 64, $"MessageIdParameter is '{MessageIdParameter}': give 1 to 64 characters.");
        Check(CallbackConcurrency is >= 1 and <= 1024, $"CallbackConcurrency is {CallbackConcurrency}: give 1 to 1024.");
        Check(CallbackBacklog is >= 1_000 and <= 10_000_000, $"CallbackBacklog is {CallbackBacklog}: give 1000 to 10000000.");
        Check(InboundUrl is null || Callbacks.CallbackTarget.TryParse(InboundUrl, out _),
            $"InboundUrl is '{InboundUrl}': give an absolute http or https URL.");
        foreach (var account in Accounts)
            errors.AddRange(ValidateAccount(account));
        Check(Accounts.Select(account => account.Sid).Distinct().Count() == Accounts.Count, "Accounts has a sid twice: give each once.");
        foreach (var service in MessagingServices)
        {
            Check(ResourceSid.IsWellFormed(service.Sid, "MG"), $"MessagingServices has the sid '{service.Sid}': give MG and 32 hexadecimal digits.");
            Check(service.Senders.Count > 0, $"Messaging service {service.Sid} has no senders: give at least one.");
        }
        errors.AddRange(Knobs.Validate().Select(error => $"Knobs.{error.Field} is {error.Value}: {error.Remedy}"));
        return errors;

        void Check(bool isFine, string error)
        {
            if (!isFine)
                errors.Add(error);
        }
    }

    internal static IEnumerable<string> ValidateAccount(SimulatedAccount account)
    {
        if (!ResourceSid.IsWellFormed(account.Sid, "AC"))
            yield return $"The account sid is '{account.Sid}': give AC and 32 hexadecimal digits.";
        if (account.AuthToken.Length is < 1 or > 128)
            yield return $"The auth token of {account.Sid} has {account.AuthToken.Length} characters: give 1 to 128.";
        foreach (var key in account.ApiKeys.Keys)
        {
            if (!ResourceSid.IsWellFormed(key, "SK"))
                yield return $"An API key of {account.Sid} is '{key}': give SK and 32 hexadecimal digits.";
        }
    }
}
