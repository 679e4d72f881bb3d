using Microsoft.Extensions.Time.Testing;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.UnitTests.Pipeline.Provider;

public sealed class PostGuardTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_POST_begins_before_its_post_by()
    {
        var guard = Guard(TimeSpan.FromSeconds(2));

        guard.Begin();

        Assert.False(guard.Close());
    }

    [Fact]
    public void At_its_post_by_it_is_too_late_and_proven_unsent()
    {
        var guard = Guard(TimeSpan.FromSeconds(2));
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Throws<PostNotBegunException>(guard.Begin);

        Assert.True(guard.Close());
    }

    [Fact]
    public void A_closed_POST_cannot_begin_any_more()
    {
        var guard = Guard(TimeSpan.FromSeconds(2));

        Assert.True(guard.Close());

        Assert.Throws<PostNotBegunException>(guard.Begin);
    }

    [Fact]
    public void A_body_goes_out_once_and_a_second_try_does_not_unsay_the_first()
    {
        var guard = Guard(TimeSpan.FromSeconds(2));
        guard.Begin();

        Assert.Throws<PostNotBegunException>(guard.Begin);

        Assert.False(guard.Close());
    }

    private PostGuard Guard(TimeSpan within) =>
        new(_clock.GetTimestamp() + (long)(within.TotalSeconds * _clock.TimestampFrequency), _clock);
}
