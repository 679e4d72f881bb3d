namespace SmsCrm.Pipeline.Suppression;

/// <summary>
/// When a suppression may be acknowledged to anybody: 2.1 s after its handler knew that it was committed, always, also where it was there
/// already. Until then a batch whose facts did not see it may still begin its POSTs (they begin within 2 s of their facts), after that none can.
/// </summary>
public readonly struct Acknowledgement
{
    /// <summary>The 2 s for which facts are good, and a tenth for the clocks that they are measured by.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(2.1);

    private readonly TimeProvider _clock;
    private readonly long _committedAt;

    private Acknowledgement(TimeProvider clock)
    {
        _clock = clock;
        _committedAt = clock.GetTimestamp();
    }

    /// <summary>To be made when the commit's answer is there, not before.</summary>
    public static Acknowledgement AfterCommit(TimeProvider clock) => new(clock);

    /// <summary>Completes when it may be told.</summary>
    public Task MayBeToldAsync(CancellationToken cancellation)
    {
        var rest = Delay - _clock.GetElapsedTime(_committedAt);
        return rest <= TimeSpan.Zero ? Task.CompletedTask : Task.Delay(rest, _clock, cancellation);
    }
}
