using System.Collections.Frozen;

namespace SmsCrm.Pipeline.Messages.Rules;

/// <summary>What tenants decide about their sending, as one version of the settings has it. Never changes.</summary>
public sealed class SendingRules
{
    private readonly FrozenDictionary<TenantId, TenantRules> _rules;
    private readonly FrozenSet<(TenantId, string)> _pausedCampaigns;
    private readonly FrozenDictionary<(TenantId, string), Guid> _budgets;

    internal SendingRules(
        IEnumerable<KeyValuePair<TenantId, TenantRules>> rules,
        RateCard rates,
        IEnumerable<(TenantId Tenant, string Campaign)> pausedCampaigns,
        IEnumerable<KeyValuePair<(TenantId Tenant, string Campaign), Guid>> budgets)
    {
        _rules = rules.ToFrozenDictionary();
        Rates = rates;
        _pausedCampaigns = pausedCampaigns.ToFrozenSet();
        _budgets = budgets.ToFrozenDictionary();
    }

    public static SendingRules None { get; } = new([], RateCard.Empty, [], []);

    public RateCard Rates { get; }

    public TenantRules Of(TenantId tenant) => _rules.GetValueOrDefault(tenant, TenantRules.Default);

    public bool IsPaused(TenantId tenant, string campaign) => campaign.Length > 0 && _pausedCampaigns.Contains((tenant, campaign));

    /// <summary>The tenant's campaigns that are paused.</summary>
    public IReadOnlyCollection<(TenantId Tenant, string Campaign)> PausedCampaigns => _pausedCampaigns;

    /// <summary>The budget of the whole tenant; null where it has none.</summary>
    public Guid? BudgetOf(TenantId tenant) => _budgets.TryGetValue((tenant, ""), out var id) ? id : null;

    /// <summary>The budget of the campaign alone; null where it has none.</summary>
    public Guid? BudgetOf(TenantId tenant, string campaign) =>
        campaign.Length > 0 && _budgets.TryGetValue((tenant, campaign), out var id) ? id : null;
}
