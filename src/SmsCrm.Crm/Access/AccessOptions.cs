using Microsoft.Extensions.Options;

namespace SmsCrm.Crm.Access;

/// <summary>How keys are looked up. Bound to <c>SmsCrm:Access</c>.</summary>
public sealed record AccessOptions
{
    public const string Section = "SmsCrm:Access";

    /// <summary>Keys kept in memory, of each kind (known, unknown). 100 to 1,000,000, default 10,000.</summary>
    public int CachedKeys { get; init; } = 10_000;

    /// <summary>How often revocations and changed tenants are read, in milliseconds. 100 to 5,000, default 1,000: a revocation is effective within twice that.</summary>
    public int PollMs { get; init; } = 1_000;

    /// <summary>After this time a key is read anew even if nothing is known to have changed, in seconds. 1 to 3,600, default 60.</summary>
    public int ReloadSeconds { get; init; } = 60;

    /// <summary>How long a key that nobody has is remembered as such, in milliseconds. 0 to 60,000, default 2,000.</summary>
    public int UnknownMs { get; init; } = 2_000;

    /// <summary>How long known keys go on working while Postgres is away, in seconds. 0 to 86,400, default 300.</summary>
    public int GraceSeconds { get; init; } = 300;

    /// <summary>How long a lookup in Postgres may take, in milliseconds. 100 to 30,000, default 2,000.</summary>
    public int LookupTimeoutMs { get; init; } = 2_000;
}

/// <summary>Finds every error of the settings at once.</summary>
internal sealed class AccessOptionsValidator : IValidateOptions<AccessOptions>
{
    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        var errors = new List<string>();
        Range(nameof(options.CachedKeys), options.CachedKeys, 100, 1_000_000, errors);
        Range(nameof(options.PollMs), options.PollMs, 100, 5_000, errors);
        Range(nameof(options.ReloadSeconds), options.ReloadSeconds, 1, 3_600, errors);
        Range(nameof(options.UnknownMs), options.UnknownMs, 0, 60_000, errors);
        Range(nameof(options.GraceSeconds), options.GraceSeconds, 0, 86_400, errors);
        Range(nameof(options.LookupTimeoutMs), options.LookupTimeoutMs, 100, 30_000, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Range(string setting, int value, int least, int most, List<string> errors)
    {
        if (value < least || value > most)
        {
            errors.Add(FormattableString.Invariant($"{AccessOptions.Section}:{setting} is {value}: it must be from {least} to {most}."));
        }
    }
}
