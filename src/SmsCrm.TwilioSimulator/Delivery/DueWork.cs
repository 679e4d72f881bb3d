namespace SmsCrm.TwilioSimulator.Delivery;

/// <summary>Something that is done when its time has come.</summary>
internal abstract class DueWork;

/// <summary>What waits for its time.</summary>
internal sealed class DueQueue
{
    private readonly PriorityQueue<DueWork, long> _waiting = new();
    private readonly Lock _gate = new();

    public int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    public void Add(long dueMs, DueWork work)
    {
        lock (_gate)
            _waiting.Enqueue(work, dueMs);
    }

    /// <summary>Moves what is due to the end of a list, earliest first.</summary>
    public void TakeDue(long nowMs, List<DueWork> due)
    {
        lock (_gate)
        {
            while (_waiting.TryPeek(out var work, out var dueMs) && dueMs <= nowMs)
            {
                _waiting.Dequeue();
                due.Add(work);
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
            _waiting.Clear();
    }
}
