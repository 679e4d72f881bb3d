using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Crm.Tenants;

/// <summary>A tenant's account at the provider, as lists show it: the auth token is not among it.</summary>
public sealed record Account(
    Guid Id,
    TenantId Tenant,
    string Name,
    string AccountSid,
    string BaseAddress,
    int SegmentsPerSecond,
    int MaxConcurrency,
    bool IsHalted,
    string? HaltedReason,
    int Weight,
    long Version)
{
    /// <summary>Until when callbacks signed with the token before are good; null: that token is good for nothing.</summary>
    public DateTimeOffset? PreviousTokenUntil { get; init; }
}

/// <summary>What an account is made with, or changed to.</summary>
/// <param name="Name">1 to 200 characters, unique for the tenant.</param>
/// <param name="AccountSid"><c>AC</c> and 32 hexadecimal digits, unique for the tenant.</param>
public sealed record AccountSettings(string Name, string AccountSid)
{
    /// <summary>The primary auth token, 1 to 200 characters: it opens the API and signs the callbacks. Null at a change: stays as it is.</summary>
    public string? AuthToken { get; init; }

    /// <summary>Where the account's API is. Default https://api.twilio.com.</summary>
    public string BaseAddress { get; init; } = "https://api.twilio.com";

    /// <summary>The account's own bound, 1 to 100,000. Default 1,000.</summary>
    public int SegmentsPerSecond { get; init; } = 1_000;

    /// <summary>Most POSTs at once, 1 to 1,000. Default 64.</summary>
    public int MaxConcurrency { get; init; } = 64;

    /// <summary>Share of the tenant's traffic, 0 (only when no other account can) to 100. Default 1.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>
    /// Where the token changes: for how long callbacks signed with the one before stay good, in hours, 0 (it was stolen) to 168. Default 24.
    /// </summary>
    public int PreviousTokenHours { get; init; } = 24;

    public override string ToString() => $"AccountSettings {Name} ({AccountSid})";

    internal List<string> Errors(SecretSeal seal, bool needsToken)
    {
        var errors = new List<string>();
        Check.Name("name", Name, 200, errors);
        Check.Range("segments_per_second", SegmentsPerSecond, 1, 100_000, errors);
        Check.Range("weight", Weight, 0, 100, errors);
        Check.Range("max_concurrency", MaxConcurrency, 1, 1_000, errors);
        Check.Range("previous_token_hours", PreviousTokenHours, 0, 168, errors);
        if (AccountSid is not { Length: 34 } || !AccountSid.StartsWith("AC", StringComparison.Ordinal) || !AccountSid.AsSpan(2).ToString().All(char.IsAsciiHexDigitLower))
        {
            errors.Add($"account_sid is '{AccountSid}': it must be AC and 32 hexadecimal digits in lower case.");
        }

        if (AuthToken is null ? needsToken : AuthToken.Length is < 1 or > 200)
        {
            errors.Add($"auth_token has {AuthToken?.Length ?? 0} characters: it must have 1 to 200.");
        }

        if (!Uri.TryCreate(BaseAddress, UriKind.Absolute, out var address)
            || (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            || address.PathAndQuery != "/")
        {
            errors.Add($"base_address is '{BaseAddress}': it must be an https address without a path, or an http one on loopback (a simulator's).");
        }
        else if (seal.Objection(address) is { } objection)
        {
            errors.Add($"base_address is '{BaseAddress}': {objection}");
        }

        return errors;
    }
}
