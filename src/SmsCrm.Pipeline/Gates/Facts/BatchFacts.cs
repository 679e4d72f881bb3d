using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Pipeline.Gates.Facts;

/// <summary>Whose facts are wanted.</summary>
/// <param name="NeedsRecent">Whether a gate looks at what went to the recipient lately.</param>
internal readonly record struct FactsKey(MessageId Id, TenantId Tenant, PhoneNumber Recipient, string CampaignId, bool NeedsRecent);

/// <summary>What is known of (tenant, number).</summary>
internal readonly record struct RecipientFacts(
    SuppressionFacts Suppression, ConsentFacts Marketing, ConsentFacts Transactional, string? TimeZone, string? Region)
{
    public ConsentFacts ConsentTo(Purpose purpose) => purpose == Purpose.Marketing ? Marketing : Transactional;
}

/// <summary>A cancellation that is in force.</summary>
/// <param name="CampaignId">Of that campaign only; empty: of any.</param>
/// <param name="Number">Of that recipient only; null: of any.</param>
/// <param name="CoversUntil">It covers what was accepted up to then.</param>
internal readonly record struct CancellationFacts(TenantId Tenant, string CampaignId, PhoneNumber? Number, DateTimeOffset CoversUntil);

/// <summary>The facts of one batch, all from one round trip.</summary>
internal sealed class BatchFacts
{
    /// <summary>The boot clock's timestamp from before the round trip: what the facts say is at most as old as that.</summary>
    public required long StartedAt { get; init; }

    /// <summary>The database's clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The version of tenants, accounts and senders that caches must have.</summary>
    public required long SettingsVersion { get; init; }

    /// <summary>Ids below it are older than the ledger keeps rows.</summary>
    public required MessageId Floor { get; init; }

    public Dictionary<MessageId, RowFacts> Rows { get; } = [];

    public Dictionary<(TenantId Tenant, PhoneNumber Number), RecipientFacts> Recipients { get; } = [];

    public Dictionary<PhoneNumber, SuppressionFacts> PlatformSuppressions { get; } = [];

    public List<CancellationFacts> Cancellations { get; } = [];

    public Dictionary<(TenantId Tenant, PhoneNumber Number), List<RecentText>> Recent { get; } = [];

    /// <summary>Limit, held and spent by budget.</summary>
    public Dictionary<Guid, (long Limit, long Held, long Spent)> Budgets { get; } = [];

    public RowFacts RowOf(MessageId id) => Rows.TryGetValue(id, out var row) ? row : RowFacts.NoRow;

    public RecipientFacts RecipientOf(TenantId tenant, PhoneNumber number) => Recipients.GetValueOrDefault((tenant, number));

    public RecentTexts RecentOf(TenantId tenant, PhoneNumber number) =>
        Recent.TryGetValue((tenant, number), out var texts) ? new RecentTexts(texts) : RecentTexts.None;

    public bool IsCancelled(TenantId tenant, string campaign, PhoneNumber number, DateTimeOffset acceptedAt)
    {
        foreach (var cancellation in Cancellations)
        {
            if (cancellation.Tenant == tenant && acceptedAt <= cancellation.CoversUntil
                && (cancellation.CampaignId.Length == 0 || cancellation.CampaignId == campaign)
                && (cancellation.Number is not { } only || only == number))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Of a tenant and of a campaign; null: there is none.</summary>
    public IReadOnlyList<BudgetFacts> BudgetsOf(Guid? tenants, Guid? campaigns)
    {
        if (Budgets.Count == 0)
        {
            return [];
        }

        var found = new List<BudgetFacts>(2);
        if (tenants is { } tenantBudget && Budgets.TryGetValue(tenantBudget, out var use))
        {
            found.Add(new BudgetFacts(IsTenants: true, use.Limit, use.Held, use.Spent));
        }

        if (campaigns is { } campaignBudget && Budgets.TryGetValue(campaignBudget, out use))
        {
            found.Add(new BudgetFacts(IsTenants: false, use.Limit, use.Held, use.Spent));
        }

        return found;
    }
}
