using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Crm.Tenants;

/// <summary>A company that sends.</summary>
/// <param name="Version">Raised by every change.</param>
public sealed record Tenant(
    TenantId Id,
    string Name,
    TenantState State,
    string DefaultCountry,
    int SegmentsPerSecond,
    bool AllowsEvidence,
    string TimeZone,
    string LinkDomain,
    long Version,
    DateTimeOffset CreatedAt)
{
    /// <summary>Whose days and hours its reports tell; UTC where this machine does not know the zone.</summary>
    public TimeZoneInfo Zone => TenantZone.Of(TimeZone);
}

/// <summary>What a tenant is made with, or changed to.</summary>
/// <param name="Name">1 to 200 characters, unique.</param>
public sealed record TenantSettings(string Name)
{
    public TenantState State { get; init; } = TenantState.Active;

    /// <summary>ISO 3166-1 alpha-2, for numbers that are not in E.164. Default US.</summary>
    public string DefaultCountry { get; init; } = "US";

    /// <summary>The tenant's own bound over all its senders, 1 to 100,000. Default 1,000.</summary>
    public int SegmentsPerSecond { get; init; } = 1_000;

    /// <summary>Whether absence from the provider's list may let a second attempt go. Default false: what that risks is in the ADR.</summary>
    public bool AllowsEvidence { get; init; }

    /// <summary>IANA, such as America/St_Johns: whose days and hours the reports tell. Default UTC.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>The host that its short links stand on, such as <c>go.example.com</c>, led to this installation over https; no other tenant may have it. Default empty: the installation's own.</summary>
    public string LinkDomain { get; init; } = "";

    internal List<string> Errors()
    {
        var errors = new List<string>();
        Check.Name("name", Name, 200, errors);
        Check.Range("segments_per_second", SegmentsPerSecond, 1, 100_000, errors);
        Check.Country("default_country", DefaultCountry, errors);
        Check.TimeZone("time_zone", TimeZone, errors);
        if (LinkDomain.Length > 0 && !IsDomain(LinkDomain))
        {
            errors.Add($"link_domain is '{LinkDomain}': it must be a host name in small letters with a dot in it, such as go.example.com, or empty.");
        }

        return errors;
    }

    private static bool IsDomain(string host) =>
        host.Length <= 253 && host.Contains('.', StringComparison.Ordinal) && Uri.CheckHostName(host) == UriHostNameType.Dns
        && host.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.') && !host.EndsWith('.');
}
