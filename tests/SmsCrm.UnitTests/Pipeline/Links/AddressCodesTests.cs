using System.Net;
using Microsoft.Extensions.Time.Testing;
using SmsCrm.Pipeline.Links;

namespace SmsCrm.UnitTests.Pipeline.Links;

public sealed class AddressCodesTests
{
    private static readonly IPAddress Address = IPAddress.Parse("198.51.100.7");

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void What_was_followed_a_minute_ago_no_longer_counts()
    {
        var codes = new AddressCodes(most: 1, _clock);
        codes.AreMany(Address, "a");
        _clock.Advance(TimeSpan.FromMilliseconds(59_999));
        var within = codes.AreMany(Address, "b");
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(within);
        Assert.False(codes.AreMany(Address, "b"));
    }

    [Fact]
    public void A_code_that_is_followed_again_counts_from_then_on()
    {
        var codes = new AddressCodes(most: 1, _clock);
        codes.AreMany(Address, "a");
        _clock.Advance(TimeSpan.FromSeconds(50));
        var again = codes.AreMany(Address, "a");
        _clock.Advance(TimeSpan.FromSeconds(50));

        Assert.False(again);
        Assert.True(codes.AreMany(Address, "b"));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::ffff:198.51.100.7", "198.51.100.7", true)]
    [InlineData("198.51.100.7", "198.51.100.8", false)]
    public void Addresses_of_one_client_count_together(string one, string other, bool areMany)
    {
        var codes = new AddressCodes(most: 1, _clock);
        codes.AreMany(IPAddress.Parse(one), "a");

        Assert.Equal(areMany, codes.AreMany(IPAddress.Parse(other), "b"));
    }

    [Fact]
    public void Whose_address_is_not_known_is_not_one_with_all_of_whom_it_is_not()
    {
        var codes = new AddressCodes(most: 1, _clock);

        Assert.Equal([false, false, false], new[] { "a", "b", "c" }.Select(code => codes.AreMany(null, code)));
    }

    [Fact]
    public void Who_follows_links_without_end_is_found_all_the_while()
    {
        var codes = new AddressCodes(most: 3, _clock);

        var answers = Enumerable.Range(0, 100).Select(i => codes.AreMany(Address, $"code {i}")).ToList();

        Assert.Equal([false, false, false, .. Enumerable.Repeat(true, 97)], answers);
    }

    [Fact]
    public void A_crowd_of_addresses_accuses_nobody()
    {
        // Some 40 in each slot, more than it has room for.
        var codes = new AddressCodes(most: 1, _clock);
        var addresses = Enumerable.Range(0, 650_000).Select(i => new IPAddress(BitConverter.GetBytes(i)));

        Assert.DoesNotContain(true, addresses.Select(address => codes.AreMany(address, "a")));
    }
}
