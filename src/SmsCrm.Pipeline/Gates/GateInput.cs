using SmsCrm.Pipeline.Messages;

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
