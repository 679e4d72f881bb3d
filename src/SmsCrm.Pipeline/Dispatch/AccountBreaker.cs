namespace SmsCrm.Pipeline.Dispatch;

/// <summary>
/// Keeps an account's messages back while it fails: opens after so many failures in a row, lets one message try when its time
/// is over, closes when that one succeeds. Timestamps are the caller's. Not thread-safe: its account's lock covers it.
/// </summary>
internal sealed class AccountBreaker(int failuresToOpen, long openFor)
{
    private int _failures;
    private long _openUntil = long.MinValue;
    private bool _isTrying;

    /// <summary>How many may be claimed now: none while open, one to try, then as many as one likes.</summary>
    public int Allowance(long now)
    {
        if (_openUntil == long.MinValue)
        {
            return int.MaxValue;
        }

        return now < _openUntil || _isTrying ? 0 : 1;
    }

    /// <summary>How long until it may be tried; 0 where it may now.</summary>
    public long Remaining(long now) => _openUntil == long.MinValue ? 0 : Math.Max(0, _openUntil - now);

    public bool IsOpen => _openUntil != long.MinValue;

    /// <summary>A message was let through while open: the others wait for what becomes of it.</summary>
    public void Began() => _isTrying = IsOpen;

    public void Succeeded()
    {
        _failures = 0;
        _openUntil = long.MinValue;
        _isTrying = false;
    }

    /// <summary>The trial came to nothing either way (its POST never began): the next one may try.</summary>
    public void Undecided() => _isTrying = false;

    /// <returns>True when this failure opened it.</returns>
    public bool Failed(long now)
    {
        _failures++;
        if (_failures < failuresToOpen && !_isTrying)
        {
            return false;
        }

        var wasOpen = IsOpen;
        Open(now, openFor);
        return !wasOpen;
    }

    /// <summary>Opens it at once, for that long.</summary>
    public void Open(long now, long duration)
    {
        _openUntil = Math.Max(_openUntil, now + duration);
        _isTrying = false;
    }
}
