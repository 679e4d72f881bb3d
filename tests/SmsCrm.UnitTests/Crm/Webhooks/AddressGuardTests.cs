using System.Net;
using Microsoft.Extensions.Options;
using SmsCrm.Crm.Webhooks;

namespace SmsCrm.UnitTests.Crm.Webhooks;

public sealed class AddressGuardTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.1")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.1")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fdff::1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void What_is_not_public_is_refused(string address) => Assert.False(Guard().IsAllowed(IPAddress.Parse(address), plainHttp: false));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.1")]
    [InlineData("100.63.255.255")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("2606:4700::1111")]
    [InlineData("2a00:1450::1")]
    public void What_is_public_may_be_called_but_never_over_plain_http(string address)
    {
        Assert.True(Guard().IsAllowed(IPAddress.Parse(address), plainHttp: false));
        Assert.False(Guard().IsAllowed(IPAddress.Parse(address), plainHttp: true));
        Assert.False(Guard("127.0.0.0/8").IsAllowed(IPAddress.Parse(address), plainHttp: true));
    }

    [Fact]
    public void What_the_operator_names_may_be_called_and_nothing_beside_it()
    {
        var guard = Guard("127.0.0.0/30", "fd00::/64");

        Assert.True(guard.IsAllowed(IPAddress.Parse("127.0.0.3"), plainHttp: true));
        Assert.True(guard.IsAllowed(IPAddress.Parse("::ffff:127.0.0.1"), plainHttp: true));
        Assert.True(guard.IsAllowed(IPAddress.Parse("fd00::1"), plainHttp: true));
        Assert.False(guard.IsAllowed(IPAddress.Parse("127.0.0.4"), plainHttp: true));
        Assert.False(guard.IsAllowed(IPAddress.Parse("10.0.0.1"), plainHttp: false));
    }

    private static AddressGuard Guard(params string[] allowed) => new(Options.Create(new WebhooksOptions { AllowedNetworks = allowed }));
}
