using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace SmsCrm.Crm.Webhooks;

/// <summary>Which addresses a webhook may call: public unicast ones, and what the operator allows besides.</summary>
internal sealed class AddressGuard(IOptions<WebhooksOptions> options)
{
    // IANA's special-purpose registries of IPv4 and IPv6, and what carries an IPv4 address inside an IPv6 one.
    private static readonly IPNetwork[] Refused =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
        }.Select(static network => IPNetwork.Parse(network)),
    ];

    // Only global unicast is assigned: loopback, link-local, ULA, multicast, NAT64 and IPv4-compatible addresses all lie outside.
    private static readonly IPNetwork GlobalUnicast6 = IPNetwork.Parse("2000::/3");

    private readonly IPNetwork[] _allowed = [.. options.Value.AllowedNetworks.Select(static network => IPNetwork.Parse(network))];

    /// <summary>The operator named ranges: only then may an address be called over plain http, and only there.</summary>
    public bool AllowsSome => _allowed.Length > 0;

    public bool IsAllowed(IPAddress address, bool plainHttp)
    {
        var bare = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_allowed, network => network.Contains(bare)) || (!plainHttp && IsPublic(bare));
    }

    private static bool IsPublic(IPAddress address) =>
        (address.AddressFamily == AddressFamily.InterNetwork || (address.AddressFamily == AddressFamily.InterNetworkV6 && GlobalUnicast6.Contains(address)))
        && !Array.Exists(Refused, network => network.Contains(address));
}
