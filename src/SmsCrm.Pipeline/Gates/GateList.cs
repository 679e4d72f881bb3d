using System.Collections.Concurrent;
using SmsCrm.Pipeline.Gates.QuietHours;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Pipeline.Gates;

/// <summary>
/// The gates in their order, or in the tenant's. The first rejection decides, even where an earlier gate would defer: what will never go need
/// not wait to hear it. Otherwise the deferral that lasts longest decides.
/// </summary>
internal sealed class GateList(GatesOptions options, GatesMetrics metrics)
{
    private const int MostOrders = 10_000;

    private readonly IGate[] _gates =
    [
        new TenantActiveGate(TimeSpan.FromSeconds(options.PausedRecheckSeconds)),
        new CampaignPausedGate(TimeSpan.FromSeconds(options.PausedRecheckSeconds)),
        new NumberValidGate(),
        new MobileCapableGate(),
        new CountryAllowedGate(),
        new SuppressionGate(),
        new ConsentGate(),
        new ContentGate(),
        new DuplicateContentGate(),
        new FrequencyCapGate(),
        new BudgetGate(TimeSpan.FromSeconds(options.PausedRecheckSeconds)),
        new QuietHoursGate(),
        new ExpiryGate(),
        new ScheduledGate(),
    ];

    // A tenant's rules never change, only their version does; the order is found once for each.
    private readonly ConcurrentDictionary<TenantRules, IGate[]> _orders = new(ReferenceEqualityComparer.Instance);

    /// <summary>In the built-in order.</summary>
    public IEnumerable<string> Names => _gates.Select(gate => gate.Name);

    public GateDecision Judge(in GateInput input)
    {
        GateDecision.Defer? longest = null;
        var deferring = "";
        foreach (var gate in For(input.Rules))
        {
            switch (gate.Judge(in input))
            {
                case GateDecision.Reject rejected:
                    metrics.Verdict(gate.Name, "reject", rejected.Verdict.Reason);
                    return rejected;
                case GateDecision.Defer deferred when longest is null || deferred.Until > longest.Until:
                    longest = deferred;
                    deferring = gate.Name;
                    break;
            }
        }

        metrics.Verdict(longest is null ? "all" : deferring, longest is null ? "pass" : "defer", longest?.Reason ?? Reason.None);
        return longest ?? GateDecision.Pass;
    }

    /// <summary>What the claim judges again, under the recipient's lock; null where there is nothing.</summary>
    public RecipientLimits? LimitsOf(in GateInput input)
    {
        if (input.Recent is null)
        {
            return null;
        }

        var gates = For(input.Rules);
        var limits = new RecipientLimits(
            Array.Exists(gates, static gate => gate is FrequencyCapGate) ? FrequencyCapGate.CapsOf(in input) : [],
            Array.Exists(gates, static gate => gate is DuplicateContentGate) ? DuplicateContentGate.WindowOf(in input) : TimeSpan.Zero,
            input.Rules.Version);
        return limits.BindAnything ? limits : null;
    }

    private IGate[] For(TenantRules rules)
    {
        if (rules.GateOrder.Count == 0 && rules.GatesOff.Count == 0)
        {
            return _gates;
        }

        if (_orders.TryGetValue(rules, out var known))
        {
            return known;
        }

        if (_orders.Count >= MostOrders)
        {
            _orders.Clear();
        }

        return _orders.GetOrAdd(rules, Ordered);
    }

    /// <summary>Those that the tenant named first; none that may not be switched off is left out.</summary>
    private IGate[] Ordered(TenantRules rules) =>
    [
        .. _gates
            .Where(gate => !rules.GatesOff.Contains(gate.Name) || GateNames.AlwaysOn.Contains(gate.Name))
            .OrderBy(gate => IndexOf(rules.GateOrder, gate.Name)),
    ];

    private static int IndexOf(IReadOnlyList<string> order, string name)
    {
        for (var i = 0; i < order.Count; i++)
        {
            if (order[i] == name)
            {
                return i;
            }
        }

        return order.Count;
    }
}
