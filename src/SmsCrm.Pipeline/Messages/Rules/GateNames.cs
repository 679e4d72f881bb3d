using System.Collections.Frozen;

namespace SmsCrm.Pipeline.Messages.Rules;

/// <summary>The gates as settings, verdicts and metrics spell them.</summary>
public static class GateNames
{
    public const string DuplicateContent = "duplicate_content";

    public const string FrequencyCap = "frequency_cap";

    /// <summary>In the built-in order.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "tenant_active", "campaign_paused", "number_valid", "mobile_capable", "country_allowed", "suppression", "consent", "content",
        DuplicateContent, FrequencyCap, "budget", "quiet_hours", "expiry", "scheduled",
    ];

    /// <summary>What no tenant can switch off: the law, the money, and what the request itself says.</summary>
    public static FrozenSet<string> AlwaysOn { get; } = FrozenSet.Create(
        StringComparer.Ordinal, "tenant_active", "campaign_paused", "number_valid", "suppression", "budget", "expiry", "scheduled");
}
