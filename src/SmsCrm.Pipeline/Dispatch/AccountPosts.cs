using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Dispatch;

/// <summary>
/// One provider account's POSTs: how many may be open, who waits for a free connection (transactional first), and how much may
/// be claimed ahead. Every method takes its lock; none waits inside it.
/// </summary>
internal sealed class AccountPosts(int maxConcurrency, DispatchOptions options, TimeProvider clock)
{
    /// <summary>
    /// The share of failures, of the last answers, from which on they say something about how much the account bears: a few in a hundred that hang or
    /// break are the network's, and shrinking for them would leave its few connections to those that hang.
    /// </summary>
    private const double FailingShare = 0.2;

    private readonly Lock _lock = new();
    private readonly AdaptiveConcurrency _concurrency = new(maxConcurrency);
    private readonly AccountBreaker _breaker = new(options.BreakerFailures, Ticks(clock, options.BreakerOpenMs));
    private readonly Queue<TaskCompletionSource<bool>> _transactional = new();
    private readonly Queue<TaskCompletionSource<bool>> _marketing = new();
    private long _haltedUntil = long.MinValue;
    private double _failing;
    private double _answerMs = 100;
    private int _claimedMarketing;
    private int _claimed;
    private int _open;

    public int Limit
    {
        get
        {
            lock (_lock)
            {
                return _concurrency.Limit;
            }
        }
    }

    /// <summary>Whether the account is out of order at this moment: another one of its tenant may send instead.</summary>
    public bool IsOut
    {
        get
        {
            lock (_lock)
            {
                return _breaker.Remaining(clock.GetTimestamp()) > 0;
            }
        }
    }

    /// <summary>Claims up to so many; with none, says how long the account is out of order (zero where it is only busy).</summary>
    public int Claim(Purpose purpose, int wanted, out TimeSpan unavailableFor)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            unavailableFor = clock.GetElapsedTime(0, _breaker.Remaining(now));
            var granted = Math.Min(Math.Min(wanted, _breaker.Allowance(now)), FreeNeedsLock(purpose));
            if (granted <= 0)
            {
                return 0;
            }

            _breaker.Began();
            _claimed += granted;
            _claimedMarketing += purpose == Purpose.Marketing ? granted : 0;
            return granted;
        }
    }

    /// <summary>Gives back what was claimed and never got as far as a POST.</summary>
    public void Unclaim(Purpose purpose, int count)
    {
        lock (_lock)
        {
            _breaker.Undecided();
            ForgetNeedsLock(purpose, count);
        }
    }

    /// <summary>Waits for a free connection, until <paramref name="postBy"/> (a timestamp of the clock).</summary>
    /// <returns>False where none became free by then: the caller has none, and gives its claim back by <see cref="Unclaim"/>.</returns>
    public ValueTask<bool> BeginAsync(Purpose purpose, long postBy)
    {
        TaskCompletionSource<bool> turn;
        lock (_lock)
        {
            if (_open < _concurrency.Limit)
            {
                _open++;
                return new(true);
            }

            turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
            (purpose == Purpose.Transactional ? _transactional : _marketing).Enqueue(turn);
        }

        return new(WaitAsync(turn, postBy));
    }

    /// <summary>Ends a POST that began at <paramref name="beganAt"/>: its connection and its claim are free.</summary>
    /// <returns>True when this one opened the breaker, or is the first that says that the account is refused.</returns>
    public bool End(Purpose purpose, PostSignal signal, long beganAt)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var wasBusy = _open >= _concurrency.Limit;
            var opened = JudgeNeedsLock(signal, wasBusy, beganAt, now);
            _open--;
            ForgetNeedsLock(purpose, 1);
            while (_open < _concurrency.Limit && (_transactional.TryDequeue(out var turn) || _marketing.TryDequeue(out turn)))
            {
                // One that has given up is only dropped.
                _open += turn.TrySetResult(true) ? 1 : 0;
            }

            return opened;
        }
    }

    private async Task<bool> WaitAsync(TaskCompletionSource<bool> turn, long postBy)
    {
        var left = clock.GetElapsedTime(clock.GetTimestamp(), postBy);
        try
        {
            return await turn.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Who was given a connection in the same moment keeps it.
            return !turn.TrySetResult(false);
        }
    }

    private bool JudgeNeedsLock(PostSignal signal, bool wasBusy, long beganAt, long now)
    {
        switch (signal)
        {
            case PostSignal.Answered:
                TookNeedsLock(beganAt, now, failed: false);
                _concurrency.Succeeded(wasBusy);
                _breaker.Succeeded();
                return false;
            case PostSignal.PushedBack:
                _concurrency.PushedBack(beganAt, now);
                _breaker.Undecided();
                return false;
            case PostSignal.Failed:
                TookNeedsLock(beganAt, now, failed: true);
                if (_failing > FailingShare)
                {
                    _concurrency.PushedBack(beganAt, now);
                }

                return _breaker.Failed(now);
            default:
                // Told once while it lasts, though the breaker was open already: for an account that fails it is news that it is refused.
                var isNews = now >= _haltedUntil;
                _haltedUntil = now + Ticks(clock, options.HaltSeconds * 1_000L);
                _breaker.Open(now, Ticks(clock, options.HaltSeconds * 1_000L));
                return isNews;
        }
    }

    /// <summary>What hangs until its deadline counts as well: it is what keeps a connection from the next one.</summary>
    private void TookNeedsLock(long beganAt, long now, bool failed)
    {
        _answerMs += (clock.GetElapsedTime(beganAt, now).TotalMilliseconds - _answerMs) / 32;
        _failing += ((failed ? 1 : 0) - _failing) / 16;
    }

    /// <summary>
    /// What the account works off within <see cref="DispatchOptions.AheadMs"/> beyond its connections: enough to keep them busy
    /// until the next batch is claimed, little enough that every claimed POST begins in time. Marketing leaves a fifth free.
    /// </summary>
    private int FreeNeedsLock(Purpose purpose)
    {
        var limit = _concurrency.Limit;
        var capacity = limit + (int)(limit * options.AheadMs / Math.Max(_answerMs, 1));
        return purpose == Purpose.Transactional
            ? capacity - _claimed
            : Math.Min(capacity - _claimed, Math.Max(1, capacity * 4 / 5) - _claimedMarketing);
    }

    private void ForgetNeedsLock(Purpose purpose, int count)
    {
        _claimed -= count;
        _claimedMarketing -= purpose == Purpose.Marketing ? count : 0;
    }

    private static long Ticks(TimeProvider clock, long milliseconds) => milliseconds * clock.TimestampFrequency / 1_000;
}
