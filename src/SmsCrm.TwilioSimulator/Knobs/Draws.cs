namespace SmsCrm.TwilioSimulator.Knobs;

/// <summary>What a draw of chance decides. Each purpose has draws of its own, so that one knob never moves another's luck.</summary>
internal enum Purpose : uint
{
    Latency = 1, LatencyTwin, Error, DropBefore, DropAfter, HoldBefore, HoldAfter, Fate, OutOfOrder, Lost, Duplicate,
}

/// <summary>Chance as a pure function of seed, purpose and a number (of the request, or of the message): no state to lock, the same
/// for the same message after a restart.</summary>
internal sealed class Draws(ulong seed)
{
    /// <summary>Evenly from 0 (inclusive) to 1 (exclusive).</summary>
    public double Unit(Purpose purpose, ulong number) =>
        (Mix(seed ^ Mix(number + ((ulong)purpose << 56))) >> 11) * (1.0 / (1UL << 53));

    public bool Happens(Purpose purpose, ulong number, double rate) => rate > 0 && Unit(purpose, number) < rate;

    /// <summary>Milliseconds to wait, from the knob's distribution.</summary>
    public double LatencyMs(LatencyKnob knob, ulong number) => knob.Kind switch
    {
        LatencyKind.None => 0,
        LatencyKind.Fixed => knob.FixedMs,
        LatencyKind.Uniform => knob.MinMs + (Unit(Purpose.Latency, number) * (knob.MaxMs - knob.MinMs)),
        LatencyKind.Lognormal => Math.Min(knob.MaxMs, LognormalMs(knob, number)),
    };

    private double LognormalMs(LatencyKnob knob, ulong number)
    {
        const double z99 = 2.3263478740408408; // the 99th percentile of the standard normal distribution
        var u = 1 - Unit(Purpose.Latency, number);
        var normal = Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * Unit(Purpose.LatencyTwin, number));
        return knob.P50Ms * Math.Exp(Math.Log(knob.P99Ms / knob.P50Ms) / z99 * normal);
    }

    /// <summary>The finaliser of SplitMix64: every bit of the input reaches every bit of the output.</summary>
    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
