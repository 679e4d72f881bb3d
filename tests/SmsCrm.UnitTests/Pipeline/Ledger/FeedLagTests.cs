using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.TestKit;

namespace SmsCrm.UnitTests.Pipeline.Ledger;

/// <summary>How far behind a reader is by what it reads; by what holds the feeds back: <c>FeedHoldTests</c>.</summary>
public sealed class FeedLagTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddSeconds(30));
    private readonly TestMeters _meters = new();
    private readonly NpgsqlDataSource _nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");
    private readonly FeedLag _lag;

    public FeedLagTests() => _lag = new FeedLag(
        _meters.Create(new MeterOptions("test")), "test.lag", new FeedHold(_nowhere, _meters, _clock, NullLogger<FeedHold>.Instance), _clock);

    [Fact]
    public void It_is_as_old_as_the_last_item_was_when_it_was_read_and_nothing_when_there_was_none()
    {
        var before = _lag.Seconds;
        _lag.HasRead([FeedItems.Event(1, 1) with { At = DateTimeOffset.UnixEpoch }, FeedItems.Event(2, 1) with { At = DateTimeOffset.UnixEpoch.AddSeconds(18) }]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var behind = _lag.Seconds;
        _lag.HasRead([]);

        Assert.Equal((0, 12, 0), (before, behind, _lag.Seconds));
    }

    [Fact]
    public void An_item_from_ahead_of_this_machines_clock_is_no_lag()
    {
        _lag.HasRead([FeedItems.Event(1, 1) with { At = _clock.GetUtcNow().AddSeconds(2) }]);

        Assert.Equal(0, _lag.Seconds);
    }

    [Fact]
    public void A_reader_that_has_nothing_to_read_for_is_not_behind()
    {
        _lag.HasRead([FeedItems.Event(1, 1)]);
        var reading = _lag.Seconds;

        _lag.Rests();

        Assert.Equal((30, 0), (reading, _lag.Seconds));
    }

    public void Dispose()
    {
        _nowhere.Dispose();
        _meters.Dispose();
    }
}
