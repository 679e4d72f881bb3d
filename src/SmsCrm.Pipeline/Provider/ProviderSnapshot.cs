using System.Collections.Frozen;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Pipeline.Provider;

/// <summary>Who sends, by which accounts and senders, as one version of the settings has it. Never changes.</summary>
public sealed class ProviderSnapshot
{
    private static readonly IReadOnlyList<Sender> NoSenders = [];
    private readonly FrozenDictionary<TenantId, TenantBasics> _tenants;
    private readonly FrozenDictionary<string, TenantId> _linkDomains;
    private readonly FrozenDictionary<Guid, AccountEntry> _accounts;
    private readonly FrozenDictionary<(TenantId, string), AccountEntry> _accountsBySid;
    private readonly FrozenDictionary<Guid, Sender> _senders;
    private readonly FrozenDictionary<(TenantId, string), Sender> _sendersByAddress;
    private readonly FrozenDictionary<(TenantId, string), IReadOnlyList<Sender>> _pools;

    internal ProviderSnapshot(
        long version,
        IReadOnlyCollection<TenantBasics> tenants,
        IReadOnlyCollection<AccountEntry> accounts,
        IReadOnlyCollection<Sender> senders,
        SendingRules? rules = null)
    {
        Version = version;
        Rules = rules ?? SendingRules.None;
        _tenants = tenants.ToFrozenDictionary(tenant => tenant.Id);
        _linkDomains = tenants.Where(tenant => tenant.LinkDomain.Length > 0)
            .ToFrozenDictionary(tenant => tenant.LinkDomain, tenant => tenant.Id, StringComparer.OrdinalIgnoreCase);
        _accounts = accounts.ToFrozenDictionary(entry => entry.Account.Id);
        _accountsBySid = accounts.ToFrozenDictionary(entry => (entry.Account.Tenant, entry.Account.AccountSid));
        _senders = senders.ToFrozenDictionary(sender => sender.Id);
        _sendersByAddress = senders.ToFrozenDictionary(sender => (sender.Tenant, sender.Address));
        _pools = senders.Where(sender => sender.IsActive && _accounts.GetValueOrDefault(sender.AccountId) is { IsHalted: false })
            .GroupBy(sender => (sender.Tenant, sender.Pool))
            .ToFrozenDictionary(pool => pool.Key, IReadOnlyList<Sender> (pool) => [.. pool.OrderBy(sender => sender.Id)]);
    }

    /// <summary>Before the first read: version 0, nobody.</summary>
    internal static ProviderSnapshot Empty { get; } = new(0, [], [], []);

    /// <summary>The settings' version, at least; a change that was being committed meanwhile may be in it already.</summary>
    public long Version { get; }

    /// <summary>Gate settings, rates, paused campaigns and budgets, of the same version.</summary>
    public SendingRules Rules { get; }

    public IReadOnlyCollection<TenantBasics> Tenants => _tenants.Values;

    public IReadOnlyCollection<AccountEntry> Accounts => _accounts.Values;

    public IReadOnlyCollection<Sender> Senders => _senders.Values;

    public TenantBasics? Tenant(TenantId id) => _tenants.GetValueOrDefault(id);

    /// <summary>Whose short links stand on a host; null: no tenant's own.</summary>
    public TenantId? OwnerOfLinkDomain(string host) => _linkDomains.TryGetValue(host, out var tenant) ? tenant : null;

    /// <summary>Null where there is none, or its secret can't be opened.</summary>
    public AccountEntry? Account(Guid id) => _accounts.GetValueOrDefault(id);

    /// <summary>The tenant's account with that sid (<c>AC…</c>).</summary>
    public AccountEntry? Account(TenantId tenant, string accountSid) => _accountsBySid.GetValueOrDefault((tenant, accountSid));

    /// <summary>Whatever its state.</summary>
    public Sender? Sender(Guid id) => _senders.GetValueOrDefault(id);

    /// <summary>The tenant's sender with that address (E.164, short code or name), whatever its state.</summary>
    public Sender? Sender(TenantId tenant, string address) => _sendersByAddress.GetValueOrDefault((tenant, address));

    /// <summary>The active senders of a pool whose accounts are active too, in a stable order; empty where there are none.</summary>
    public IReadOnlyList<Sender> Pool(TenantId tenant, string pool) => _pools.GetValueOrDefault((tenant, pool), NoSenders);
}

/// <summary>What the send path needs to know of a tenant.</summary>
/// <param name="DefaultCountry">ISO 3166-1 alpha-2.</param>
/// <param name="SegmentsPerSecond">The tenant's own bound, 1 to 100,000.</param>
/// <param name="AllowsEvidence">Whether absence from the provider's list may let a second attempt go.</param>
public sealed record TenantBasics(TenantId Id, string Name, TenantState State, string DefaultCountry, int SegmentsPerSecond, bool AllowsEvidence)
{
    /// <summary>The host of its short links, its alone; empty: the installation's.</summary>
    public string LinkDomain { get; init; } = "";
}

public enum TenantState
{
    Active,

    /// <summary>What is accepted waits.</summary>
    Paused,

    /// <summary>What is accepted is rejected.</summary>
    Suspended,
}

/// <param name="IsHalted">Stopped by an operator, or because the provider refuses its credentials.</param>
/// <param name="Weight">Share of the tenant's traffic, 0 (only when no other account can) to 100.</param>
public sealed record AccountEntry(ProviderAccount Account, bool IsHalted, string? HaltedReason, int Weight = 1);

/// <param name="Address">E.164, a short code, or a name.</param>
/// <param name="SegmentsPerSecond">1 to 10,000.</param>
/// <param name="IsActive">False: blocked.</param>
/// <param name="Weight">Share of its pool, 1 to 100.</param>
public sealed record Sender(
    Guid Id, TenantId Tenant, Guid AccountId, string Address, string Kind, string Pool, int SegmentsPerSecond, bool IsActive, int Weight = 1)
{
    /// <summary>The countries that it may text, ISO 3166-1 alpha-2; empty: whatever its kind allows.</summary>
    public IReadOnlyList<string> Countries { get; init; } = [];

    /// <summary>Why it is blocked; null where it is not, or nobody said.</summary>
    public string? BlockedReason { get; init; }
}
