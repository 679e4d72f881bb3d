using Microsoft.Extensions.Time.Testing;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.UnitTests.Pipeline.Messages;

public sealed class MessageIdSourceTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan Certain = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _clock = new(Start);

    [Fact]
    public void Ids_go_by_the_ledgers_clock_and_the_stopwatch_since()
    {
        var ids = new MessageIdSource(_clock);
        Assert.Equal(Start, ids.Next().AcceptedAt);

        ids.Measured(Start.AddSeconds(3), _clock.GetTimestamp(), Certain);
        _clock.Advance(TimeSpan.FromMilliseconds(1500));

        Assert.Equal(Start.AddSeconds(4.5), ids.Next().AcceptedAt);
    }

    [Fact]
    public void A_measurement_tells_how_far_the_clocks_moved_against_one_another()
    {
        var ids = new MessageIdSource(_clock);
        ids.Measured(Start.AddSeconds(3), _clock.GetTimestamp(), Certain);
        _clock.Advance(TimeSpan.FromSeconds(10));

        ids.Measured(Start.AddSeconds(12.4), _clock.GetTimestamp(), Certain);

        Assert.Equal(TimeSpan.FromSeconds(-0.6), ids.LastShift);
    }

    [Fact]
    public void A_measurement_that_is_a_while_old_counts_from_its_own_moment()
    {
        var ids = new MessageIdSource(_clock);
        var at = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(1));

        ids.Measured(Start, at, Certain);

        Assert.Equal((Start.AddSeconds(1), TimeSpan.Zero), (ids.Next().AcceptedAt, ids.LastShift));
    }

    [Fact]
    public void A_measurement_that_is_less_certain_and_agrees_moves_nothing()
    {
        var ids = new MessageIdSource(_clock);
        ids.Measured(Start, _clock.GetTimestamp(), Certain);
        _clock.Advance(TimeSpan.FromSeconds(10));

        ids.Measured(Start.AddSeconds(9.2), _clock.GetTimestamp(), TimeSpan.FromSeconds(0.9));

        Assert.Equal((Start.AddSeconds(10), TimeSpan.Zero), (ids.Next().AcceptedAt, ids.LastShift));
    }

    [Fact]
    public void A_measurement_that_can_not_be_true_together_with_the_one_before_is_taken_over()
    {
        var ids = new MessageIdSource(_clock);
        ids.Measured(Start, _clock.GetTimestamp(), Certain);
        _clock.Advance(TimeSpan.FromSeconds(10));

        ids.Measured(Start.AddSeconds(9), _clock.GetTimestamp(), TimeSpan.FromSeconds(0.9));

        Assert.Equal(Start.AddSeconds(9), ids.Next().AcceptedAt);
    }

    [Fact]
    public void What_was_measured_long_ago_is_no_longer_certain()
    {
        var ids = new MessageIdSource(_clock);
        ids.Measured(Start, _clock.GetTimestamp(), Certain);
        _clock.Advance(TimeSpan.FromHours(1));

        ids.Measured(Start.AddHours(1).AddSeconds(-1), _clock.GetTimestamp(), TimeSpan.FromSeconds(0.5));

        Assert.Equal(Start.AddHours(1).AddSeconds(-1), ids.Next().AcceptedAt);
    }

    [Fact]
    public void Ids_are_version_7_and_differ()
    {
        var ids = new MessageIdSource(_clock);

        var some = Enumerable.Range(0, 1_000).Select(_ => ids.Next()).ToList();

        Assert.Equal(1_000, some.Distinct().Count());
        Assert.All(some, static id => Assert.True(MessageId.TryParse(id.ToString(), out _)));
    }
}
