namespace SmsCrm.Reporting.Summary;

/// <summary>How a tenant's messages stand: the balanced ledger. The parts add up to <c>Accepted</c>, at every moment.</summary>
/// <param name="From">First day of acceptance, by the tenant's clock then, that is counted; absent: since the beginning.</param>
/// <param name="To">Last day of acceptance, by the tenant's clock then, that is counted; absent: until now.</param>
/// <param name="Accepted">Messages accepted.</param>
/// <param name="Segments">SMS segments that they take.</param>
/// <param name="Balance">The same in five disjoint parts.</param>
/// <param name="States">Messages by state; a state without messages is absent.</param>
/// <param name="AsOf">The moment that it is of.</param>
/// <param name="Previous">The same of as many days before; only where it was asked for.</param>
/// <param name="Reasons">Messages by state, reason and provider code, where there is a reason or code; most first, at most 100.</param>
public sealed record SummaryView(
    string? CampaignId,
    DateOnly? From,
    DateOnly? To,
    long Accepted,
    long Segments,
    BalanceView Balance,
    IReadOnlyDictionary<string, StateCountView> States,
    IReadOnlyList<ReasonCountView> Reasons,
    DateTimeOffset AsOf,
    SummaryView? Previous = null);

/// <param name="Waiting">Queued, deferred, claimed or unknown.</param>
/// <param name="Sent">The provider took it (delivered, undelivered and not yet reported among them).</param>
/// <param name="Failed">Ended without the provider taking it.</param>
/// <param name="Rejected">Ended by us or the tenant before it was handed over (cancelled among them).</param>
/// <param name="Uncertain">Nobody's word says whether it was sent.</param>
public sealed record BalanceView(long Waiting, long Sent, long Failed, long Rejected, long Uncertain);

public sealed record StateCountView(long Messages, long Segments);

public sealed record ReasonCountView(string State, string? Reason, int? ProviderCode, long Messages, long Segments);
