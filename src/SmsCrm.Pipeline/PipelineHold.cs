namespace SmsCrm.Pipeline;

/// <summary>Why the pipeline holds: nothing is dropped or put off meanwhile, its sources stand still.</summary>
public enum HoldReason
{
    /// <summary>No token buckets, so nobody knows what may go.</summary>
    RedisAway,

    /// <summary>No facts, and no ledger to claim in.</summary>
    PostgresAway,

    /// <summary>This Postgres is not the one that the ledger was written by: it must be recovered first.</summary>
    LedgerForeign,

    /// <summary>A bug: the batch is tried again after a pause.</summary>
    Broken,
}

/// <summary>Holds every batch of this process between its passes while a reason stands. Any thread may call it.</summary>
public sealed class PipelineHold
{
    private readonly Lock _lock = new();
    private readonly HashSet<HoldReason> _reasons = [];
    private TaskCompletionSource _open = Opened();

    /// <summary>For readiness; empty where it does not hold.</summary>
    public IReadOnlyCollection<HoldReason> Reasons
    {
        get
        {
            lock (_lock)
            {
                return [.. _reasons.Order()];
            }
        }
    }

    /// <returns>True when it did not hold for that reason before.</returns>
    public bool Hold(HoldReason reason)
    {
        lock (_lock)
        {
            if (_open.Task.IsCompleted)
            {
                _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return _reasons.Add(reason);
        }
    }

    /// <returns>True when it held for that reason.</returns>
    public bool Release(HoldReason reason)
    {
        lock (_lock)
        {
            var held = _reasons.Remove(reason);
            if (_reasons.Count == 0)
            {
                _open.TrySetResult();
            }

            return held;
        }
    }

    internal Task WaitUntilOpenAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            return _reasons.Count == 0 ? Task.CompletedTask : _open.Task.WaitAsync(cancellation);
        }
    }

    private static TaskCompletionSource Opened()
    {
        var opened = new TaskCompletionSource();
        opened.SetResult();
        return opened;
    }
}
