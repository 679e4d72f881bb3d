using Microsoft.Extensions.Time.Testing;
using SmsCrm.Pipeline.Suppression;

namespace SmsCrm.UnitTests.Pipeline.Suppression;

public sealed class AcknowledgementTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void It_may_be_told_2_1_seconds_after_the_commit_and_not_before()
    {
        var acknowledgement = Acknowledgement.AfterCommit(_clock);
        var told = acknowledgement.MayBeToldAsync(CancellationToken.None);

        _clock.Advance(TimeSpan.FromMilliseconds(2_099));
        Assert.False(told.IsCompleted);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(told.IsCompleted);
    }

    [Fact]
    public void What_was_waited_for_elsewhere_counts()
    {
        var acknowledgement = Acknowledgement.AfterCommit(_clock);

        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.True(acknowledgement.MayBeToldAsync(CancellationToken.None).IsCompleted);
    }
}
