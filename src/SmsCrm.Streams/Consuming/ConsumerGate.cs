using System.Collections.Concurrent;

namespace SmsCrm.Streams.Consuming;

/// <summary>
/// Holds a consumer while something that its handler needs is away: no new records are fetched and no new batch begins;
/// what is in work goes on. Each reason holds for itself. Any thread may call it.
/// </summary>
public sealed class ConsumerGate
{
    private readonly ConcurrentDictionary<string, byte> _reasons = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private TaskCompletionSource _open = Opened();

    public bool IsPaused => !_reasons.IsEmpty;

    /// <summary>Why it is held, for people; empty where it is not.</summary>
    public IReadOnlyCollection<string> Reasons => [.. _reasons.Keys.Order(StringComparer.Ordinal)];

    /// <param name="reason">A short sentence, such as "Postgres does not answer". The same one is given to <see cref="Resume"/>.</param>
    public void Pause(string reason)
    {
        lock (_lock)
        {
            _reasons[reason] = 0;
            if (_open.Task.IsCompleted)
            {
                _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public void Resume(string reason)
    {
        lock (_lock)
        {
            if (_reasons.TryRemove(reason, out _) && _reasons.IsEmpty)
            {
                _open.TrySetResult();
            }
        }
    }

    internal Task WaitUntilOpenAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource open;
        lock (_lock)
        {
            open = _open;
        }

        return open.Task.IsCompleted ? Task.CompletedTask : open.Task.WaitAsync(cancellationToken);
    }

    private static TaskCompletionSource Opened()
    {
        var opened = new TaskCompletionSource();
        opened.SetResult();
        return opened;
    }
}
