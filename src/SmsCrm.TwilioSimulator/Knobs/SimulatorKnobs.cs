using System.Collections.Immutable;

namespace SmsCrm.TwilioSimulator.Knobs;

/// <summary>What may change while the simulator runs: faults, delays, rates. The JSON of the control API has the same names in camel case.
/// Rates and shares are from 0 to 1; each is drawn per request or per message from the simulator's seed.</summary>
public sealed record SimulatorKnobs
{
    /// <summary>How long a request waits before it is looked at. Default: not at all.</summary>
    public LatencyKnob Latency { get; init; } = new();

    /// <summary>Creates refused with an error of Twilio's, each with its rate; the rates' sum is at most 1. Nothing is taken.</summary>
    public ImmutableArray<ErrorKnob> Errors { get; init; } = [];

    /// <summary>Creates whose connection is reset.</summary>
    public DropKnob Drop { get; init; } = new();

    /// <summary>Creates whose answer is held back.</summary>
    public HoldKnob Hold { get; init; } = new();

    /// <summary>What becomes of the messages that were taken.</summary>
    public DeliveryKnob Delivery { get; init; } = new();

    /// <summary>When and how statuses are called back.</summary>
    public CallbackKnob Callbacks { get; init; } = new();

    /// <summary>What the list knows.</summary>
    public ListKnob List { get; init; } = new();

    /// <summary>Concurrency of an account and queue of a sender.</summary>
    public LimitKnob Limits { get; init; } = new();

    /// <summary>Segments per second of each sender.</summary>
    public RateKnob Rates { get; init; } = new();

    /// <summary>Every value out of range, at once. Empty when all are fine.</summary>
    public IReadOnlyList<KnobError> Validate() => KnobRules.Check(this);
}

/// <summary>A value that a knob can't take.</summary>
/// <param name="Field">Its path, as <c>latency.p50Ms</c>.</param>
/// <param name="Value">What was given.</param>
/// <param name="Remedy">What would be taken instead.</param>
public sealed record KnobError(string Field, string Value, string Remedy);

/// <summary>The distribution of a latency.</summary>
public enum LatencyKind
{
    /// <summary>No wait.</summary>
    None,

    /// <summary>Always <see cref="LatencyKnob.FixedMs"/>.</summary>
    Fixed,

    /// <summary>Evenly between <see cref="LatencyKnob.MinMs"/> and <see cref="LatencyKnob.MaxMs"/>.</summary>
    Uniform,

    /// <summary>Log-normal with the given median and 99th percentile, cut at <see cref="LatencyKnob.MaxMs"/>.</summary>
    Lognormal,
}

/// <summary>A latency: all in milliseconds, 0 to 600,000. Defaults: kind none; fixed 20, min 10, max 2000, p50 20, p99 100.</summary>
public sealed record LatencyKnob(
    LatencyKind Kind = LatencyKind.None, double FixedMs = 20, double MinMs = 10, double MaxMs = 2000, double P50Ms = 20, double P99Ms = 100);

/// <summary>An error for a share of the creates.</summary>
/// <param name="Code">Twilio's error code, 10,000 to 99,999.</param>
/// <param name="Rate">0 to 1.</param>
/// <param name="Status">The HTTP status, 400 to 599. Default: the code's own.</param>
public sealed record ErrorKnob(int Code, double Rate, int Status = 0);

/// <summary>Connections reset before the message was taken (nothing is in the ledger), and after (it is, but the client sees a reset).</summary>
public sealed record DropKnob(double BeforeTakenRate = 0, double AfterTakenRate = 0);

/// <summary>Answers held for <see cref="ForMs"/> (0 to 3,600,000; default 30,000), before the message is taken or after. A message held
/// before is taken when the time is over, whether or not the client is still there.</summary>
public sealed record HoldKnob(double BeforeTakenRate = 0, double AfterTakenRate = 0, double ForMs = 30_000);

/// <summary>A share of the messages that ends with an error code of Twilio's (30,000 to 39,999).</summary>
public sealed record FateKnob(int Code, double Share);

/// <summary>What becomes of the messages: the shares of undelivered and failed ones by code, and of those that stay <c>sent</c> for ever
/// (<see cref="SilentShare"/>). Their sum is at most 1; the rest is delivered.</summary>
public sealed record DeliveryKnob(double SilentShare = 0)
{
    /// <summary>Sent, then undelivered.</summary>
    public ImmutableArray<FateKnob> Undelivered { get; init; } = [];

    /// <summary>Never sent.</summary>
    public ImmutableArray<FateKnob> Failed { get; init; } = [];
}

/// <summary>Status callbacks. <see cref="SentAfterMs"/> passes between a message's turn in its sender's queue and <c>sent</c>,
/// <see cref="FinalAfterMs"/> between that and the last status (0 to 3,600,000; defaults 20 and 100). <see cref="OutOfOrderRate"/>: the
/// first of the two arrives after the second. <see cref="LostRate"/>: never sent. <see cref="DuplicateRate"/>: sent again,
/// <see cref="Duplicates"/> times (1 to 10, default 1).</summary>
public sealed record CallbackKnob(
    double SentAfterMs = 20, double FinalAfterMs = 100, double OutOfOrderRate = 0, double LostRate = 0, double DuplicateRate = 0,
    int Duplicates = 1);

/// <summary>Messages appear in the list only after <see cref="LagMs"/> (0 to 3,600,000; default 0). A fetch by sid finds them at once.</summary>
public sealed record ListKnob(double LagMs = 0);

/// <summary>Limits.</summary>
/// <param name="ConcurrentRequests">Requests in flight per account, 0 (no limit) to 100,000; one more is answered 429/20429. Default 100,
/// which is what third parties observe: Twilio publishes none.</param>
/// <param name="RetryAfterSeconds">The Retry-After of a 429, 0 (no such header, the default) to 3600.</param>
/// <param name="QueueSeconds">How much work a sender's queue holds, 1 to 360,000; beyond it a create is refused with 21611 (with a
/// messaging service the message fails with 30001). Default 36,000, Twilio's ten hours.</param>
public sealed record LimitKnob(int ConcurrentRequests = 100, double RetryAfterSeconds = 0, double QueueSeconds = 36_000);

/// <summary>Segments per second by kind of sender, 0.001 to 1,000,000. Defaults are Twilio's: US and Canadian long codes 1, toll-free 3,
/// short codes 100, names 10; numbers of other countries and other channels 10.</summary>
public sealed record RateKnob(double LongCode = 1, double TollFree = 3, double ShortCode = 100, double Alphanumeric = 10, double Other = 10)
{
    /// <summary>Rates of single senders, which win over their kind's. At most 100,000.</summary>
    public ImmutableDictionary<string, double> BySender { get; init; } = ImmutableDictionary<string, double>.Empty;
}
