using Microsoft.Extensions.Options;

namespace SmsCrm.Server.Watch;

/// <summary>How many may watch, and how far they may lag. Bound to <c>SmsCrm:Watch</c>.</summary>
internal sealed record WatchOptions
{
    public const string Section = "SmsCrm:Watch";

    /// <summary>Events that wait for one subscriber; one more ends it. 100 to 100,000, default 10,000.</summary>
    public int BufferedEvents { get; init; } = 10_000;

    /// <summary>Watch calls of this process at once. 1 to 10,000, default 500.</summary>
    public int MaxSubscriptions { get; init; } = 500;

    /// <summary>Watch calls of one tenant at once. 1 to 1,000, default 20.</summary>
    public int MaxSubscriptionsPerTenant { get; init; } = 20;
}

internal sealed class WatchOptionsValidator : IValidateOptions<WatchOptions>
{
    public ValidateOptionsResult Validate(string? name, WatchOptions options)
    {
        var errors = new List<string>();
        Range(nameof(options.BufferedEvents), options.BufferedEvents, 100, 100_000, errors);
        Range(nameof(options.MaxSubscriptions), options.MaxSubscriptions, 1, 10_000, errors);
        Range(nameof(options.MaxSubscriptionsPerTenant), options.MaxSubscriptionsPerTenant, 1, 1_000, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Range(string setting, int value, int least, int most, List<string> errors)
    {
        if (value < least || value > most)
        {
            errors.Add(FormattableString.Invariant($"{WatchOptions.Section}:{setting} is {value}: it must be from {least} to {most}."));
        }
    }
}
