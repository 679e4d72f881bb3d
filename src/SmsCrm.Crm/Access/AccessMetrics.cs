using System.Diagnostics.Metrics;

namespace SmsCrm.Crm.Access;

/// <summary>Every instrument of this room, in the meter <c>SmsCrm.Access</c>.</summary>
public sealed class AccessMetrics : IDisposable
{
    public const string MeterName = "SmsCrm.Access";

    private readonly Meter _meter;
    private readonly Counter<long> _lookups;

    public AccessMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _lookups = _meter.CreateCounter<long>("smscrm.access.lookups", "{lookup}", "API keys looked up in Postgres, by result; the rest came from memory.");
    }

    public void Dispose() => _meter.Dispose();

    internal void Lookup(string result) => _lookups.Add(1, new KeyValuePair<string, object?>("result", result));
}
