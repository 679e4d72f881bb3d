using Microsoft.Extensions.Options;

namespace SmsCrm.Crm.Tenants;

/// <summary>What <c>smscrm seed</c> makes. Bound to <c>SmsCrm:Seed</c>.</summary>
public sealed record SeedOptions
{
    public const string Section = "SmsCrm:Seed";

    /// <summary>Where the demo's API key is kept, so that a second run finds it. Default <c>.local/demo-key</c>.</summary>
    public string DemoKeyFile { get; init; } = ".local/demo-key";

    /// <summary>Where the Twilio simulator listens: an http address on loopback. Default <c>http://127.0.0.1:8090</c>.</summary>
    public string SimulatorAddress { get; init; } = "http://127.0.0.1:8090";

    /// <summary>The simulator's account. Default: the one that a simulator has by itself.</summary>
    public string SimulatorAccountSid { get; init; } = "AC5105e7d15105e7d15105e7d15105e7d1";

    /// <summary>Its auth token, which opens nothing but a simulator.</summary>
    public string SimulatorAuthToken { get; init; } = "simulator-only-not-a-secret";
}

/// <summary>Finds every error of the settings at once.</summary>
internal sealed class SeedOptionsValidator : IValidateOptions<SeedOptions>
{
    public ValidateOptionsResult Validate(string? name, SeedOptions options)
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(options.DemoKeyFile))
        {
            errors.Add($"{SeedOptions.Section}:DemoKeyFile is empty: name a file.");
        }

        if (!Uri.TryCreate(options.SimulatorAddress, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttp || !address.IsLoopback)
        {
            errors.Add($"{SeedOptions.Section}:SimulatorAddress is '{options.SimulatorAddress}': the demo is sent to a simulator only, "
                + "so it must be an http address on loopback, such as http://127.0.0.1:8090.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
