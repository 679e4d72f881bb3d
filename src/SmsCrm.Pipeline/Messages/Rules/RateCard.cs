using System.Collections.Frozen;

namespace SmsCrm.Pipeline.Messages.Rules;

/// <summary>What a segment costs by country, in millionths of the currency's unit: a tenant's own rate, else everybody's, else that of any other country.</summary>
public sealed class RateCard(IEnumerable<KeyValuePair<(TenantId Tenant, string Country), long>> rates)
{
    /// <summary>The country that stands for all without a rate of their own.</summary>
    public const string AnyOther = "**";

    private readonly FrozenDictionary<(TenantId, string), long> _rates = rates.ToFrozenDictionary();

    public static RateCard Empty { get; } = new([]);

    /// <param name="country">ISO 3166-1 alpha-2; empty where the number has none.</param>
    /// <returns>0 where there is no rate at all.</returns>
    public long SegmentMicros(TenantId tenant, string country) =>
        _rates.TryGetValue((tenant, country), out var own) ? own
        : _rates.TryGetValue((default, country), out var everybodys) ? everybodys
        : _rates.TryGetValue((tenant, AnyOther), out var ownOther) ? ownOther
        : _rates.GetValueOrDefault((default, AnyOther));
}
