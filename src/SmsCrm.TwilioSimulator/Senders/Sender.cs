using SmsCrm.TwilioSimulator.Knobs;

namespace SmsCrm.TwilioSimulator.Senders;

/// <summary>One sender of one account, and its queue as a single number: when its last message will have left. A message of n
/// segments at r segments per second moves that moment by n / r.</summary>
internal sealed class Sender(string name, SenderKind kind, int number)
{
    private readonly Lock _gate = new();
    private SimulatorKnobs? _ratedBy;
    private double _segmentsPerSecond;
    private double _freeAtMs;

    public string Name => name;

    /// <summary>Its place in the <see cref="SenderBook"/>.</summary>
    public int Number => number;

    /// <summary>Takes a place in the queue.</summary>
    /// <param name="leavesAtMs">When the message's turn comes.</param>
    /// <returns>False when the queue holds <see cref="LimitKnob.QueueSeconds"/> of work already.</returns>
    public bool TryQueue(int segments, double nowMs, SimulatorKnobs knobs, out double leavesAtMs)
    {
        lock (_gate)
        {
            RefreshRate_NeedsLock(knobs);
            leavesAtMs = Math.Max(nowMs, _freeAtMs);
            var freeAtMs = leavesAtMs + (segments * 1000.0 / _segmentsPerSecond);
            if (freeAtMs - nowMs > knobs.Limits.QueueSeconds * 1000)
                return false;
            _freeAtMs = freeAtMs;
            return true;
        }
    }

    /// <summary>How long a message of that moment would wait for its turn.</summary>
    public double WaitMs(double nowMs)
    {
        lock (_gate)
            return Math.Max(0, _freeAtMs - nowMs);
    }

    private void RefreshRate_NeedsLock(SimulatorKnobs knobs)
    {
        if (ReferenceEquals(_ratedBy, knobs))
            return;
        _ratedBy = knobs;
        _segmentsPerSecond = knobs.Rates.BySender.TryGetValue(name, out var own) ? own : Address.RateOf(kind, knobs.Rates);
    }
}
