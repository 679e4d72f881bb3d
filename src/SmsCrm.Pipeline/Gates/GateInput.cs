using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Pipeline.Gates;

/// <summary>Everything that a gate may look at: the request, and the facts of its batch. A gate reads no clock and no database.</summary>
/// <param name="AcceptedAt">When the request was accepted, by its id.</param>
/// <param name="Now">The database's clock when the facts were read.</param>
internal readonly record struct GateInput(
    PhoneNumber Recipient,
    Purpose Purpose,
    DateTimeOffset AcceptedAt,
    DateTimeOffset? SendAt,
    DateTimeOffset? ValidUntil,
    TenantStanding Tenant,
    SuppressionFacts Suppression,
    DateTimeOffset Now)
{
    private static readonly IReadOnlyList<BudgetFacts> NoBudgets = [];

    /// <summary>ISO 3166-1 alpha-2 of the number; empty where it has none.</summary>
    public string Country { get; init; } = "";

    public string CampaignId { get; init; } = "";

    public bool IsCampaignPaused { get; init; }

    public string Body { get; init; } = "";

    public long ContentHash { get; init; }

    public int Segments { get; init; } = 1;

    /// <summary>What the text costs by the rates as they are, in millionths.</summary>
    public long CostMicros { get; init; }

    public TenantRules Rules { get; init; } = TenantRules.Default;

    /// <summary>The suppression that holds for every tenant.</summary>
    public SuppressionFacts PlatformSuppression { get; init; }

    /// <summary>To the message's purpose.</summary>
    public ConsentFacts Consent { get; init; }

    /// <summary>The recipient's zone as it is stored, IANA; null where it is not.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The recipient's postal state as it is stored, ISO 3166-2; null where it is not.</summary>
    public string? Region { get; init; }

    /// <summary>What went to the recipient lately; null where no gate needs it.</summary>
    public RecentTexts? Recent { get; init; }

    /// <summary>The tenant's and the campaign's, where they have any.</summary>
    public IReadOnlyList<BudgetFacts> Budgets { get; init; } = NoBudgets;

    /// <summary>How long facts may be acted on: a POST begins within this time of them, or not at all.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    /// <summary>The latest moment at which the message may go on these facts.</summary>
    public DateTimeOffset Latest => Now + Window;
}

/// <summary>How a tenant stands.</summary>
internal enum TenantStanding
{
    /// <summary>There is no such tenant.</summary>
    Unknown,

    Active,

    /// <summary>Nothing goes out; what is accepted waits.</summary>
    Paused,

    /// <summary>Nothing goes out, and what is there is rejected.</summary>
    Suspended,
}

/// <summary>The suppression of (tenant, number); both null where there never was one.</summary>
internal readonly record struct SuppressionFacts(DateTimeOffset? SuppressedAt, DateTimeOffset? LiftedAt)
{
    public bool IsOpen => SuppressedAt is { } suppressed && (LiftedAt is not { } lifted || lifted < suppressed);
}

/// <summary>Consent to one purpose.</summary>
internal readonly record struct ConsentFacts(ConsentState State, DateTimeOffset? At, string? Source);

/// <summary>The numbers are stored.</summary>
internal enum ConsentState : short
{
    Unknown = 0,
    Given = 1,
    Revoked = 2,
}

/// <summary>A budget as it stood when the facts were read.</summary>
/// <param name="IsTenants">False: the campaign's.</param>
internal readonly record struct BudgetFacts(bool IsTenants, long LimitMicros, long HeldMicros, long SpentMicros);
