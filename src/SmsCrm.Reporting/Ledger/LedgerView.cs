namespace SmsCrm.Reporting.Ledger;

/// <summary>The balanced ledger of a tenant: for each campaign and day what was accepted, and what became of every message of it.</summary>
/// <param name="From">First day of acceptance, by the tenant's clock then.</param>
/// <param name="To">Last day of acceptance, by the tenant's clock then.</param>
/// <param name="Total">Of all campaigns and days asked for, whatever the page.</param>
/// <param name="Lines">A line for each campaign and day, the newest day first, a day's campaigns by id.</param>
/// <param name="NextCursor">For the lines after these; absent at the end.</param>
public sealed record LedgerView(
    Guid TenantId,
    string? CampaignId,
    DateOnly From,
    DateOnly To,
    LedgerLineView Total,
    IReadOnlyList<LedgerLineView> Lines,
    string? NextCursor);

/// <summary>accepted = sent + rejected + waiting + failed + uncertain.</summary>
/// <param name="Day">When it was accepted, by the tenant's clock then; absent in the total.</param>
/// <param name="CampaignId">Empty: messages without a campaign; absent in the total.</param>
/// <param name="Accepted">Messages accepted.</param>
/// <param name="Sent">The provider took it.</param>
/// <param name="Rejected">Ended by us or the tenant before it was handed over (cancelled among them), by reason.</param>
/// <param name="Waiting">Not decided yet (queued, deferred by reason and due time, claimed, unknown).</param>
/// <param name="Failed">Ended without the provider taking it, by reason and the provider's code.</param>
/// <param name="Uncertain">Nobody's word says whether it was sent.</param>
/// <param name="Sum">The five parts added up.</param>
/// <param name="Balances">The sum is what was accepted, no part is below zero, and what is counted as deferred is what waits.</param>
/// <param name="Differences">What does not agree; empty where it balances.</param>
public sealed record LedgerLineView(
    DateOnly? Day,
    string? CampaignId,
    long Accepted,
    LedgerSentView Sent,
    LedgerPartView Rejected,
    LedgerPartView Waiting,
    LedgerPartView Failed,
    long Uncertain,
    long Sum,
    bool Balances,
    IReadOnlyList<string> Differences);

/// <param name="Messages">The three added up.</param>
/// <param name="Delivered">The carrier confirmed the handset (read ones among them).</param>
/// <param name="Undelivered">The provider's final no.</param>
/// <param name="NoReceiptYet">No final word of the provider so far.</param>
public sealed record LedgerSentView(long Messages, long Delivered, long Undelivered, long NoReceiptYet);

/// <param name="Messages">All of the part.</param>
/// <param name="Reasons">The part by state, reason and code, most first, at most 100.</param>
public sealed record LedgerPartView(long Messages, IReadOnlyList<LedgerReasonView> Reasons);

/// <param name="Reason">Absent where the state says it all.</param>
/// <param name="ProviderCode">The provider's error code; absent where there is none.</param>
/// <param name="Due">When they come up again; only of deferred ones.</param>
public sealed record LedgerReasonView(string State, string? Reason, int? ProviderCode, long Messages, LedgerDueView? Due);

/// <summary>When messages that wait are due, as seen by the database's clock.</summary>
/// <param name="Overdue">Due already: they wait for their turn.</param>
/// <param name="NextHour">Due within the hour.</param>
/// <param name="Later">Due after that.</param>
public sealed record LedgerDueView(long Overdue, long NextHour, long Later, DateTimeOffset Earliest, DateTimeOffset Latest);
