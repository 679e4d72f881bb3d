using SmsCrm.LoadTests.Measuring;

namespace SmsCrm.LoadTests.Webhooks;

/// <summary>One phase of a run.</summary>
/// <param name="Bad">Whether some endpoints hung and failed.</param>
/// <param name="Messages">Messages that were delivered: one event each.</param>
/// <param name="Expected">Deliveries that these make for good endpoints.</param>
/// <param name="Delivered">Of them, those that reached their endpoint.</param>
/// <param name="Twice">Requests to good endpoints beyond the first of a delivery.</param>
/// <param name="Delay">From the event's transaction to the request's head at a good receiver.</param>
/// <param name="ToEnqueued">The part of it up to the transaction that made the delivery, p50, p99 and maximum in milliseconds.</param>
/// <param name="CpuSeconds">By process, over the phase with its drain.</param>
internal sealed record WebhooksPhase(
    string Name,
    bool Bad,
    long Messages,
    long Expected,
    long Delivered,
    long Twice,
    LatencySummary Delay,
    IReadOnlyList<double> ToEnqueued,
    long ToHanging,
    long ToFailing,
    IReadOnlyDictionary<string, double> CpuSeconds);

/// <summary>What the database says at the end of all deliveries to the endpoints of one kind.</summary>
/// <param name="Expected">Of all events.</param>
/// <param name="Made">Deliveries that there are.</param>
/// <param name="Waiting">For their next try, minutes or hours ahead.</param>
internal sealed record DeliveryCounts(EndpointClass Class, long Expected, long Made, long Delivered, long Waiting, long GivenUp, long Attempts);

/// <summary>How many times the delay of a bad phase is the mean of its neighbours'.</summary>
internal sealed record DelayRatio(string Phase, double P50, double P99, double Max);

internal sealed record WebhooksResult
{
    public string Scenario { get; } = WebhooksRun.Scenario;

    public required DateTimeOffset At { get; init; }

    public required string Broker { get; init; }

    public required string Machine { get; init; }

    /// <summary>When the run began: who else used the machine.</summary>
    public required string LoadAverage { get; init; }

    public required int Tenants { get; init; }

    public required int Endpoints { get; init; }

    public required int Hanging { get; init; }

    public required int Failing { get; init; }

    /// <summary>Deliveries a second that the schedule intended.</summary>
    public required double Rate { get; init; }

    public required double DurationSeconds { get; init; }

    public required int Seed { get; init; }

    public required IReadOnlyList<WebhooksPhase> Phases { get; init; }

    public required IReadOnlyList<DelayRatio> Ratios { get; init; }

    public required IReadOnlyList<DeliveryCounts> Totals { get; init; }

    /// <summary>Good phases alternate with bad ones and stand at both ends, so that a drift of the machine shows and is halved.</summary>
    public static IReadOnlyList<DelayRatio> RatiosOf(IReadOnlyList<WebhooksPhase> phases) =>
    [
        .. Enumerable.Range(0, phases.Count).Where(i => phases[i].Bad).Select(i => new DelayRatio(
            phases[i].Name, Ratio(phases, i, delay => delay.P50Ms), Ratio(phases, i, delay => delay.P99Ms), Ratio(phases, i, delay => delay.MaxMs))),
    ];

    private static double Ratio(IReadOnlyList<WebhooksPhase> phases, int bad, Func<LatencySummary, double> figure) =>
        Math.Round(figure(phases[bad].Delay) / ((figure(phases[bad - 1].Delay) + figure(phases[bad + 1].Delay)) / 2), 2);
}
