using System.Collections.Concurrent;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Dispatch;

/// <summary>
/// The POST slots of this process: how many messages may be claimed and not answered. A tenant may hold all but a quarter, and
/// marketing all but a fifth, so that another tenant, and a one-time code, always finds one; an account may hold what it works
/// off in time (<see cref="AccountPosts"/>).
/// </summary>
internal sealed class PostSlots(DispatchOptions options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, AccountPosts> _accounts = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<TenantId, int> _byTenant = [];
    private int _taken;
    private int _takenMarketing;

    public int Taken => Volatile.Read(ref _taken);

    public AccountPosts Of(ProviderAccount account) =>
        _accounts.GetOrAdd(account.Id, static (_, made) => new AccountPosts(made.account.MaxConcurrency, made.options, made.clock), (account, options, clock));

    /// <summary>Whether the account's breaker is open: nothing of it is claimed for now.</summary>
    public bool IsOut(Guid account) => _accounts.TryGetValue(account, out var posts) && posts.IsOut;

    /// <summary>Takes up to <paramref name="wanted"/> slots; each is given back by <see cref="Return"/> or by the end of its POST.</summary>
    public SlotGrant Take(ProviderAccount account, Purpose purpose, int wanted)
    {
        var reserved = Reserve(account.Tenant, purpose, wanted);
        var granted = Of(account).Claim(purpose, reserved, out var unavailableFor);
        Release(account.Tenant, purpose, reserved - granted);
        return new SlotGrant(granted, granted > 0 ? TimeSpan.Zero : unavailableFor);
    }

    /// <summary>Gives back slots whose messages did not get as far as a POST.</summary>
    public void Return(ProviderAccount account, Purpose purpose, int count)
    {
        Of(account).Unclaim(purpose, count);
        Release(account.Tenant, purpose, count);
    }

    /// <summary>Ends a POST: its connection and its slot are free.</summary>
    /// <returns>True when this one opened the account's breaker.</returns>
    public bool End(ProviderAccount account, Purpose purpose, PostSignal signal, long beganAt)
    {
        var opened = Of(account).End(purpose, signal, beganAt);
        Release(account.Tenant, purpose, 1);
        return opened;
    }

    private int Reserve(TenantId tenant, Purpose purpose, int wanted)
    {
        lock (_lock)
        {
            var held = _byTenant.GetValueOrDefault(tenant);
            var free = Math.Min(options.Slots - _taken, Math.Max(1, options.Slots * 3 / 4) - held);
            if (purpose == Purpose.Marketing)
            {
                free = Math.Min(free, Math.Max(1, options.Slots * 4 / 5) - _takenMarketing);
            }

            var reserved = Math.Clamp(wanted, 0, Math.Max(0, free));
            Add(tenant, purpose, reserved);
            return reserved;
        }
    }

    private void Release(TenantId tenant, Purpose purpose, int count)
    {
        if (count == 0)
        {
            return;
        }

        lock (_lock)
        {
            Add(tenant, purpose, -count);
        }
    }

    private void Add(TenantId tenant, Purpose purpose, int count)
    {
        _taken += count;
        _takenMarketing += purpose == Purpose.Marketing ? count : 0;
        var held = _byTenant.GetValueOrDefault(tenant) + count;
        if (held == 0)
        {
            _byTenant.Remove(tenant);
        }
        else
        {
            _byTenant[tenant] = held;
        }
    }
}

/// <param name="Count">How many slots were taken, 0 to what was wanted.</param>
/// <param name="UnavailableFor">With none: how long the account is out of order; zero where it is only busy.</param>
internal readonly record struct SlotGrant(int Count, TimeSpan UnavailableFor);
