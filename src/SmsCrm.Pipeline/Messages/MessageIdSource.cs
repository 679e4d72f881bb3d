namespace SmsCrm.Pipeline.Messages;

/// <summary>
/// Mints UUIDv7 ids by the ledger's clock: what was last measured of it, and the monotonic time since. So ids of all nodes share one
/// clock, which cancellations and partitions go by, and a step of this machine's time of day moves none of them. Ids of one millisecond
/// are not ordered among themselves.
/// </summary>
/// <param name="clock">A stopwatch that counts suspended time (<see cref="BootClock"/>); its time of day serves until the first measurement.</param>
public sealed class MessageIdSource(TimeProvider clock)
{
    private Anchor _anchor = new(clock.GetUtcNow(), clock.GetTimestamp(), TimeSpan.Zero);

    /// <summary>By how much the last measurement moved the clock; more than 500 ms, and one of the two clocks is not to be trusted.</summary>
    public TimeSpan LastShift => Volatile.Read(ref _anchor).Shift;

    public MessageId Next() => new(Guid.CreateVersion7(Now(Volatile.Read(ref _anchor), clock.GetTimestamp())));

    /// <summary>Takes a measurement over.</summary>
    /// <param name="ledgerTime">What the ledger's clock said.</param>
    /// <param name="at">The stopwatch's timestamp of that moment.</param>
    public void Measured(DateTimeOffset ledgerTime, long at)
    {
        var shift = ledgerTime - Now(Volatile.Read(ref _anchor), at);
        Volatile.Write(ref _anchor, new Anchor(ledgerTime, at, shift));
    }

    private DateTimeOffset Now(Anchor anchor, long at) => anchor.Time + clock.GetElapsedTime(anchor.At, at);

    private sealed record Anchor(DateTimeOffset Time, long At, TimeSpan Shift);
}
