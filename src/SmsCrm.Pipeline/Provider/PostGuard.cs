namespace SmsCrm.Pipeline.Provider;

/// <summary>
/// Decides, once, whether a POST begins: where its body is serialised, and only before <c>post_by</c>. A POST that this guard
/// has closed can't begin any more, which is the proof that it was not sent.
/// </summary>
internal sealed class PostGuard(long postBy, TimeProvider clock)
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int Closed = 2;
    private int _state = Waiting;

    /// <summary>Too late to begin.</summary>
    public bool IsPast => clock.GetTimestamp() >= postBy;

    /// <exception cref="PostNotBegunException">It is too late, or this body was serialised before.</exception>
    public void Begin()
    {
        if (IsPast)
        {
            Interlocked.CompareExchange(ref _state, Closed, Waiting);
            throw new PostNotBegunException("past post_by");
        }

        if (Interlocked.CompareExchange(ref _state, Begun, Waiting) != Waiting)
        {
            throw new PostNotBegunException("the body goes out once");
        }
    }

    /// <summary>Ends the chance to begin; true where it never did.</summary>
    public bool Close() => Interlocked.CompareExchange(ref _state, Closed, Waiting) != Begun;
}

internal sealed class PostNotBegunException(string message) : Exception(message);
