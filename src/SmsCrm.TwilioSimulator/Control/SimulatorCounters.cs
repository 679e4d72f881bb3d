using System.Collections.Concurrent;

namespace SmsCrm.TwilioSimulator.Control;

/// <summary>What happened since the start of the process (or the last reset): requests and callbacks. What was taken is counted by the ledger.</summary>
internal sealed class SimulatorCounters
{
    private readonly ConcurrentDictionary<int, long> _refusedByCode = new();
    private long _creates, _droppedBefore, _droppedAfter, _heldBefore, _heldAfter;
    private long _answered, _retried, _failed, _lost;

    public void Create() => Interlocked.Increment(ref _creates);
    public void Refused(int code) => _refusedByCode.AddOrUpdate(code, 1, static (_, count) => count + 1);
    public void DroppedBefore() => Interlocked.Increment(ref _droppedBefore);
    public void DroppedAfter() => Interlocked.Increment(ref _droppedAfter);
    public void HeldBefore() => Interlocked.Increment(ref _heldBefore);
    public void HeldAfter() => Interlocked.Increment(ref _heldAfter);
    public void CallbackAnswered() => Interlocked.Increment(ref _answered);
    public void CallbackRetried() => Interlocked.Increment(ref _retried);
    public void CallbackFailed() => Interlocked.Increment(ref _failed);
    public void CallbackLost() => Interlocked.Increment(ref _lost);

    public RequestCounts Requests() => new(
        Volatile.Read(ref _creates), Volatile.Read(ref _droppedBefore), Volatile.Read(ref _droppedAfter),
        Volatile.Read(ref _heldBefore), Volatile.Read(ref _heldAfter), new SortedDictionary<int, long>(_refusedByCode));

    public CallbackCounts Callbacks(int waiting) => new(
        Volatile.Read(ref _answered), Volatile.Read(ref _retried), Volatile.Read(ref _failed), Volatile.Read(ref _lost), waiting);

    public void Clear()
    {
        _creates = _droppedBefore = _droppedAfter = _heldBefore = _heldAfter = 0;
        _answered = _retried = _failed = _lost = 0;
        _refusedByCode.Clear();
    }
}

/// <summary>Creates that came, and what became of those that did not simply go well.</summary>
internal sealed record RequestCounts(
    long Creates, long DroppedBeforeTaken, long DroppedAfterTaken, long HeldBeforeTaken, long HeldAfterTaken, SortedDictionary<int, long> RefusedByCode);

/// <summary>Callbacks: answered with a status below 400, tried again, given up, lost by knob or for want of room, and waiting to be sent.</summary>
internal sealed record CallbackCounts(long Answered, long Retried, long GivenUp, long Lost, int Waiting);
