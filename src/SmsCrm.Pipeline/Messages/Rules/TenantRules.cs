using System.Collections.Frozen;

namespace SmsCrm.Pipeline.Messages.Rules;

/// <summary>
/// What a tenant's gates go by: a document that a tenant may change, stored as JSON (<see cref="TenantRulesJson"/>). The defaults are the safe ones.
/// </summary>
public sealed record TenantRules
{
    /// <summary>The US, its territories, and Canada. Stands before <see cref="Default"/>, which needs it.</summary>
    internal static readonly FrozenSet<string> DefaultCountries = FrozenSet.Create(StringComparer.Ordinal, "US", "CA", "PR", "VI", "GU", "AS", "MP");

    /// <summary>The rules of a tenant that never changed any; version 0.</summary>
    public static readonly TenantRules Default = new();

    /// <summary>Raised by every change; kept with each verdict.</summary>
    public long Version { get; init; }

    /// <summary>False: what is stored can't be read, so that nobody knows what the tenant wants. Its messages wait.</summary>
    public bool IsReadable { get; init; } = true;

    /// <summary>The gates' names in the order in which they are asked; those left out follow in the built-in order. Default empty.</summary>
    public IReadOnlyList<string> GateOrder { get; init; } = [];

    /// <summary>The names of the gates that are not asked. Tenant state, number, suppression and expiry can't be switched off.</summary>
    public FrozenSet<string> GatesOff { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Where texts may go, ISO 3166-1 alpha-2; empty: everywhere. Default the US, its territories and Canada.</summary>
    public FrozenSet<string> Countries { get; init; } = DefaultCountries;

    /// <summary>Whether marketing needs consent on record. Default <see cref="ConsentRule.Required"/> (47 CFR 64.1200(f)(9)).</summary>
    public ConsentRule MarketingConsent { get; init; } = ConsentRule.Required;

    public QuietHoursRules QuietHours { get; init; } = new();

    /// <summary>Most texts to a recipient in a sliding window, up to 10 of them. Default none.</summary>
    public IReadOnlyList<FrequencyCap> FrequencyCaps { get; init; } = [];

    /// <summary>How long the same body does not go to the same recipient again. 0 (off) to 30 days; default off.</summary>
    public TimeSpan DuplicateWindow { get; init; }

    public ContentRules Content { get; init; } = new();
}

/// <summary>What a text without a recorded yes may do. A recorded no always rejects.</summary>
public enum ConsentRule
{
    /// <summary>A recorded consent for the purpose is needed.</summary>
    Required,

    /// <summary>The tenant keeps its own records: only a recorded revocation rejects.</summary>
    UnlessRevoked,
}

/// <summary>A window of the recipient's day in which a purpose may go. A tenant may only make it narrower than the law's.</summary>
public sealed record QuietHoursRules
{
    /// <summary>Narrower hours for the days that they name; those of the law hold besides. Up to 20. Default none.</summary>
    public IReadOnlyList<AllowedHours> Hours { get; init; } = [];

    /// <summary>Whether an area code alone makes a state's window apply. Default yes.</summary>
    public bool AreaCodeMakesState { get; init; } = true;

    /// <summary>Monday to Friday 10:00 to 18:00, never on Sundays and federal holidays. Default off.</summary>
    public bool IsConservative { get; init; }

    /// <summary>Whether transactional texts keep the hours too. Default no: the law exempts them.</summary>
    public bool TransactionalToo { get; init; }
}

/// <param name="Days">The days on which it goes; others are closed by this entry only if <paramref name="ClosesOtherDays"/>.</param>
/// <param name="From">The first minute that is allowed, the recipient's local time.</param>
/// <param name="To">The first minute that is no longer allowed; later than <paramref name="From"/>.</param>
/// <param name="Region">ISO 3166-2 (<c>US-TX</c>) or alpha-2 (<c>US</c>); empty: everywhere.</param>
public sealed record AllowedHours(FrozenSet<DayOfWeek> Days, TimeOnly From, TimeOnly To, string Region = "", bool ClosesOtherDays = false);

/// <param name="Purpose">Null: both purposes together.</param>
/// <param name="Messages">1 to 1,000.</param>
/// <param name="Window">1 minute to 30 days.</param>
public sealed record FrequencyCap(Purpose? Purpose, int Messages, TimeSpan Window);

public sealed record ContentRules
{
    /// <summary>Whether the first marketing text to a recipient must say how to opt out. Default yes.</summary>
    public bool OptOutWordingFirst { get; init; } = true;

    /// <summary>Hosts of public link shorteners that carriers filter, besides the built-in ones. Up to 200.</summary>
    public IReadOnlyList<string> BannedHosts { get; init; } = [];

    /// <summary>Most segments of a text, 1 to 25. Default 25 (1,600 characters are the provider's own bound).</summary>
    public int MaxSegments { get; init; } = 25;
}
