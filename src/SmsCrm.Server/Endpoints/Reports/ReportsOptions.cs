using Microsoft.Extensions.Options;

namespace SmsCrm.Server.Endpoints.Reports;

/// <summary>How long answers are kept, and how many last at once. Bound to <c>SmsCrm:Reports</c>.</summary>
internal sealed record ReportsOptions
{
    public const string Section = "SmsCrm:Reports";

    /// <summary>Seconds that a report's answer is kept and given again. 0 (never) to 300, default 5.</summary>
    public int CacheSeconds { get; init; } = 5;

    /// <summary>Megabytes of answers kept. 1 to 1,024, default 32.</summary>
    public int CacheMegabytes { get; init; } = 32;

    /// <summary>Exports of one tenant at once. 1 to 100, default 2.</summary>
    public int MaxExportsPerTenant { get; init; } = 2;

    /// <summary>Progress streams of one tenant at once. 1 to 1,000, default 20.</summary>
    public int MaxStreamsPerTenant { get; init; } = 20;

    /// <summary>Progress streams of this process at once. 1 to 10,000, default 500.</summary>
    public int MaxStreams { get; init; } = 500;
}

internal sealed class ReportsOptionsValidator : IValidateOptions<ReportsOptions>
{
    public ValidateOptionsResult Validate(string? name, ReportsOptions options)
    {
        var errors = new List<string>();
        Range(nameof(options.CacheSeconds), options.CacheSeconds, 0, 300, errors);
        Range(nameof(options.CacheMegabytes), options.CacheMegabytes, 1, 1_024, errors);
        Range(nameof(options.MaxExportsPerTenant), options.MaxExportsPerTenant, 1, 100, errors);
        Range(nameof(options.MaxStreamsPerTenant), options.MaxStreamsPerTenant, 1, 1_000, errors);
        Range(nameof(options.MaxStreams), options.MaxStreams, 1, 10_000, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Range(string setting, int value, int least, int most, List<string> errors)
    {
        if (value < least || value > most)
        {
            errors.Add(FormattableString.Invariant($"{ReportsOptions.Section}:{setting} is {value}: it must be from {least} to {most}."));
        }
    }
}
