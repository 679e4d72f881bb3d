using System.Net;
using Microsoft.Extensions.Options;

namespace SmsCrm.Crm.Webhooks;

/// <summary>How customer webhooks are delivered. Bound to <c>SmsCrm:Webhooks</c>.</summary>
public sealed record WebhooksOptions
{
    public const string Section = "SmsCrm:Webhooks";

    /// <summary>
    /// Ranges that may be called although they are private, and over plain http too, such as <c>127.0.0.0/8</c>. For tests and local runs;
    /// up to 100, default none.
    /// </summary>
    public IReadOnlyList<string> AllowedNetworks { get; init; } = [];

    /// <summary>How long a receiver may take to answer, in seconds. 1 to 30, default 15.</summary>
    public int DeadlineSeconds { get; init; } = 15;

    /// <summary>Endpoints that this process calls at once. 4 to 2,000, default 256; a quarter of them for those that fail or are slow.</summary>
    public int EndpointsAtOnce { get; init; } = 256;

    /// <summary>Requests to one endpoint at once while it answers well. 1 to 64, default 8; one while it fails.</summary>
    public int RequestsPerEndpoint { get; init; } = 8;

    /// <summary>Failures in a row after which an endpoint is slowed. 1 to 100, default 3.</summary>
    public int SlowAfterFailures { get; init; } = 3;

    /// <summary>An endpoint that has failed all the time for so long is switched off, in hours. 1 to 720, default 120.</summary>
    public int SwitchOffAfterHours { get; init; } = 120;

    /// <summary>Deliveries that may wait for one endpoint; one more switches it off. 100 to 10,000,000, default 1,000,000.</summary>
    public int WaitingPerEndpoint { get; init; } = 1_000_000;

    /// <summary>How long deliveries and their attempts are kept, in days. 4 (the schedule takes more than 3) to 90, default 7.</summary>
    public int KeepDays { get; init; } = 7;

    /// <summary>How often the feed and what is due are looked at when there was nothing to do, in milliseconds. 20 to 5,000, default 200.</summary>
    public int PollMs { get; init; } = 200;
}

/// <summary>Finds every error of the settings at once.</summary>
internal sealed class WebhooksOptionsValidator : IValidateOptions<WebhooksOptions>
{
    private const int MostNetworks = 100;

    public ValidateOptionsResult Validate(string? name, WebhooksOptions options)
    {
        var errors = new List<string>();
        Range(nameof(options.AllowedNetworks), options.AllowedNetworks.Count, 0, MostNetworks, errors);
        foreach (var network in options.AllowedNetworks.Where(static network => !IPNetwork.TryParse(network, out _)))
        {
            errors.Add($"{WebhooksOptions.Section}:AllowedNetworks has '{network}': it must be a network with its prefix, such as 127.0.0.0/8.");
        }

        Range(nameof(options.DeadlineSeconds), options.DeadlineSeconds, 1, 30, errors);
        Range(nameof(options.EndpointsAtOnce), options.EndpointsAtOnce, 4, 2_000, errors);
        Range(nameof(options.RequestsPerEndpoint), options.RequestsPerEndpoint, 1, 64, errors);
        Range(nameof(options.SlowAfterFailures), options.SlowAfterFailures, 1, 100, errors);
        Range(nameof(options.SwitchOffAfterHours), options.SwitchOffAfterHours, 1, 720, errors);
        Range(nameof(options.WaitingPerEndpoint), options.WaitingPerEndpoint, 100, 10_000_000, errors);
        Range(nameof(options.KeepDays), options.KeepDays, 4, 90, errors);
        Range(nameof(options.PollMs), options.PollMs, 20, 5_000, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Range(string setting, int value, int least, int most, List<string> errors)
    {
        if (value < least || value > most)
        {
            errors.Add(FormattableString.Invariant($"{WebhooksOptions.Section}:{setting} is {value}: it must be from {least} to {most}."));
        }
    }
}
