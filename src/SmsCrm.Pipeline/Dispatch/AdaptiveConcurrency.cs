namespace SmsCrm.Pipeline.Dispatch;

/// <summary>
/// How many POSTs an account may have open at once: grows while it answers, halves when it pushes back (429, timeouts), and
/// never leaves 1 to its maximum. Additive increase, multiplicative decrease; doubles per round until the first push-back.
/// Not thread-safe: its account's lock covers it.
/// </summary>
internal sealed class AdaptiveConcurrency(int maximum)
{
    private const int Start = 16;
    private bool _isSlowStart = true;
    private double _limit = Math.Min(Start, maximum);

    /// <summary>Answers of POSTs that began before this timestamp say nothing about the limit as it now is.</summary>
    private long _judgesFrom = long.MinValue;

    public int Limit => (int)_limit;

    /// <param name="wasBusy">Whether the limit was used: one that nobody needs does not grow.</param>
    public void Succeeded(bool wasBusy)
    {
        if (wasBusy)
        {
            _limit = Math.Min(maximum, _limit + (_isSlowStart ? 1 : 1 / _limit));
        }
    }

    /// <param name="beganAt">When the POST began, in any monotonic unit: all that were open together count as one push-back.</param>
    public void PushedBack(long beganAt, long now)
    {
        if (beganAt < _judgesFrom)
        {
            return;
        }

        _isSlowStart = false;
        _limit = Math.Max(1, _limit / 2);
        _judgesFrom = now;
    }
}
