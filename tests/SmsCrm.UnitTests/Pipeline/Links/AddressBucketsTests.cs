using System.Net;
using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;
using SmsCrm.Pipeline.Links;

namespace SmsCrm.UnitTests.Pipeline.Links;

public sealed class AddressBucketsTests
{
    private const int Burst = 5;
    private const int PerMinute = 30;

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);

    [Property]
    public bool In_any_window_an_address_gets_no_more_than_the_burst_and_what_came_back(byte[] waits)
    {
        var buckets = new AddressBuckets(Burst, PerMinute, _clock);
        var address = IPAddress.Parse("198.51.100.7");
        var taken = new List<double>();
        foreach (var wait in waits)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(wait * 20));
            if (buckets.Take(address))
            {
                taken.Add(_clock.GetUtcNow().ToUnixTimeMilliseconds() / 60_000.0);
            }
        }

        return taken.Select((from, i) => taken.Skip(i).Select((to, n) => n + 1 <= Burst + ((to - from) * PerMinute) + 1e-6).All(static kept => kept)).All(static kept => kept);
    }

    [Fact]
    public void Who_is_out_of_them_gets_them_back_with_time_and_others_are_not_concerned()
    {
        var buckets = new AddressBuckets(Burst, PerMinute, _clock);
        var (guesser, other) = (IPAddress.Parse("198.51.100.7"), IPAddress.Parse("203.0.113.9"));
        for (var i = 0; i < Burst; i++)
        {
            buckets.Take(guesser);
        }

        var (after, others) = (buckets.HasRoom(guesser), buckets.HasRoom(other));
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.False(after);
        Assert.True(others);
        Assert.True(buckets.HasRoom(guesser));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")]
    [InlineData("::ffff:198.51.100.7", "198.51.100.7")]
    public void Addresses_of_one_client_share_a_bucket(string one, string other)
    {
        var buckets = new AddressBuckets(Burst, PerMinute, _clock);

        for (var i = 0; i < Burst; i++)
        {
            buckets.Take(IPAddress.Parse(one));
        }

        Assert.False(buckets.HasRoom(IPAddress.Parse(other)));
    }

    [Fact]
    public void An_address_that_is_not_known_is_one_like_any_other() => Assert.True(new AddressBuckets(1, 1, _clock).Take(null));
}
