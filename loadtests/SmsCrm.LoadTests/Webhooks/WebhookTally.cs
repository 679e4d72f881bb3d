using SmsCrm.LoadTests.Measuring;

namespace SmsCrm.LoadTests.Webhooks;

/// <summary>What reached the receivers, by the phase that the message was sent in; pure.</summary>
internal sealed class WebhookTally(WebhooksPlan plan)
{
    private readonly Dictionary<string, PhaseTally> _phases = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    public PhaseTally Of(string phase)
    {
        if (!_phases.TryGetValue(phase, out var tally))
        {
            _phases[phase] = tally = new PhaseTally();
        }

        return tally;
    }

    public void Add(WebhookArrival arrival)
    {
        var phase = Of(arrival.Campaign);
        var isFirst = _seen.Add(arrival.Id);
        switch (plan.ClassOf(arrival.Endpoint))
        {
            case EndpointClass.Hanging:
                phase.ToHanging++;
                break;
            case EndpointClass.Failing:
                phase.ToFailing++;
                break;
            case EndpointClass.Good when !isFirst:
                phase.Twice++;
                break;
            default:
                phase.Delivered++;
                phase.Delay.Record(arrival.At - arrival.EventAt);
                break;
        }
    }
}

/// <summary>One phase's requests.</summary>
internal sealed class PhaseTally
{
    /// <summary>Deliveries that reached good endpoints.</summary>
    public long Delivered { get; set; }

    /// <summary>Requests to good endpoints beyond the first of a delivery.</summary>
    public long Twice { get; set; }

    /// <summary>Requests, retries included, to those that hang in the bad phases.</summary>
    public long ToHanging { get; set; }

    /// <summary>Requests, retries included, to those that fail in the bad phases.</summary>
    public long ToFailing { get; set; }

    /// <summary>Of the good endpoints' deliveries.</summary>
    public Latencies Delay { get; } = new();
}
