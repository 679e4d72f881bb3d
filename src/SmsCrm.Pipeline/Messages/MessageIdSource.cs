namespace SmsCrm.Pipeline.Messages;

/// <summary>
/// Mints UUIDv7 ids by the ledger's clock: what was last measured of it, and the monotonic time since. So ids of all nodes share one
/// clock, which cancellations and partitions go by, and a step of this machine's time of day moves none of them. Ids of one millisecond
/// are not ordered among themselves.
/// </summary>
/// <param name="clock">A stopwatch that counts suspended time (<see cref="BootClock"/>); its time of day serves until the first measurement.</param>
public sealed class MessageIdSource(TimeProvider clock)
{
    /// <summary>By how much two good clocks may part: ten times what a quartz is off by.</summary>
    private const double Drift = 500e-6;

    private Anchor _anchor = new(clock.GetUtcNow(), clock.GetTimestamp(), TimeSpan.MaxValue, TimeSpan.Zero);

    /// <summary>By how much the last measurement moved the clock; more than 500 ms, and one of the two clocks is not to be trusted.</summary>
    public TimeSpan LastShift => Volatile.Read(ref _anchor).Shift;

    public MessageId Next() => new(Guid.CreateVersion7(Now(Volatile.Read(ref _anchor), clock.GetTimestamp())));

    /// <summary>
    /// Takes a measurement over, unless an earlier one that it agrees with is still the more certain: a slow answer of a busy machine makes no
    /// clock worse.
    /// </summary>
    /// <param name="ledgerTime">What the ledger's clock said.</param>
    /// <param name="at">The stopwatch's timestamp of that moment.</param>
    /// <param name="uncertainty">By how much that moment may be missed, either way.</param>
    public void Measured(DateTimeOffset ledgerTime, long at, TimeSpan uncertainty)
    {
        var anchor = Volatile.Read(ref _anchor);
        var shift = ledgerTime - Now(anchor, at);
        if (anchor.Uncertainty == TimeSpan.MaxValue)
        {
            Volatile.Write(ref _anchor, new Anchor(ledgerTime, at, uncertainty, shift));
            return;
        }

        var uncertain = anchor.Uncertainty + (clock.GetElapsedTime(anchor.At, at) * Drift);
        var agrees = shift.Duration() <= uncertain + uncertainty;
        Volatile.Write(ref _anchor, agrees && uncertain < uncertainty ? anchor with { Shift = TimeSpan.Zero } : new Anchor(ledgerTime, at, uncertainty, shift));
    }

    private DateTimeOffset Now(Anchor anchor, long at) => anchor.Time + clock.GetElapsedTime(anchor.At, at);

    /// <param name="Uncertainty">Of the moment; <see cref="TimeSpan.MaxValue"/>: nothing was measured yet.</param>
    private sealed record Anchor(DateTimeOffset Time, long At, TimeSpan Uncertainty, TimeSpan Shift);
}
