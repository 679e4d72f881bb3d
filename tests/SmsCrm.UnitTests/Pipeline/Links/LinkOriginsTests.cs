using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.UnitTests.Pipeline.Links;

/// <summary>What the operator's databases say of a hit's address; and their files replaced while they are used.</summary>
public sealed class LinkOriginsTests : IAsyncLifetime
{
    private readonly LogList _log = new();
    private string _folder = "";

    private string Networks => Path.Combine(_folder, "asn.mmdb");

    private string Countries => Path.Combine(_folder, "country.mmdb");

    public async ValueTask InitializeAsync()
    {
        _folder = await RunFolder.NewAsync("origins");
        new AddressFile()
            .AddNetwork("203.0.113.0/24", 64_500).AddNetwork("203.0.113.128/25", 16_509).AddNetwork("2001:db8:1::/48", 24_940).AddNetwork("2001:db8:2::/48", 64_501)
            .WriteTo(Networks);
        new AddressFile().AddCountry("203.0.113.0/24", "DE").AddCountry("203.0.114.0/24", "EU").AddCountry("2001:db8:1::/48", "FR").WriteTo(Countries);
    }

    public ValueTask DisposeAsync() => default;

    [Theory]
    [InlineData("203.0.113.1", HitFlags.None)]
    [InlineData("203.0.113.200", HitFlags.DataCentre)]
    [InlineData("::ffff:203.0.113.200", HitFlags.DataCentre)]
    [InlineData("2001:db8:1::7", HitFlags.DataCentre)]
    [InlineData("2001:db8:2::7", HitFlags.None)]
    [InlineData("198.51.100.1", HitFlags.None)]
    [InlineData("2001:db8:3::7", HitFlags.None)]
    public void An_address_of_a_data_centre_is_flagged(string address, HitFlags flags)
    {
        using var origins = Origins();

        Assert.Equal(flags, origins.Judge(Hit(address)).Flags);
    }

    [Theory]
    [InlineData("203.0.113.1", "DE")]
    [InlineData("::ffff:203.0.113.1", "DE")]
    [InlineData("2001:db8:1::7", "FR")]
    [InlineData("203.0.114.1", "")]
    [InlineData("198.51.100.1", "")]
    public void The_country_of_an_address_is_told_where_it_is_one(string address, string country)
    {
        using var origins = Origins();

        Assert.Equal(country, origins.Judge(Hit(address)).Country);
    }

    [Fact]
    public void A_judged_hit_keeps_its_flags_and_has_no_address_left()
    {
        using var origins = Origins();

        var judged = origins.Judge(Hit("203.0.113.200") with { Flags = HitFlags.Agent });

        Assert.Equal((HitFlags.Agent | HitFlags.DataCentre, null), (judged.Flags, judged.Address));
    }

    [Fact]
    public void A_hit_without_an_address_and_one_without_databases_are_left_as_they_are()
    {
        using var origins = Origins();
        using var none = Origins(new LinksOptions());

        Assert.Equal((HitFlags.None, ""), Told(origins.Judge(Hit(null))));
        Assert.Equal((HitFlags.None, ""), Told(none.Judge(Hit("203.0.113.200"))));
    }

    [Fact]
    public void A_database_of_IPv4_alone_knows_nothing_of_IPv6()
    {
        new AddressFile(ipVersion: 4).AddNetwork("203.0.113.0/24", 16_509).WriteTo(Networks);
        using var origins = Origins();

        Assert.Equal(
            [HitFlags.DataCentre, HitFlags.DataCentre, HitFlags.None],
            new[] { "203.0.113.1", "::ffff:203.0.113.1", "2001:db8:1::7" }.Select(address => origins.Judge(Hit(address)).Flags));
    }

    [Fact]
    public void Settings_add_networks_to_the_data_centres_and_take_them_out()
    {
        using var origins = Origins(new LinksOptions { NetworkDatabase = Networks, MoreDataCentres = [64_500], NoDataCentres = [16_509] });

        Assert.Equal(
            [HitFlags.DataCentre, HitFlags.None, HitFlags.DataCentre],
            new[] { "203.0.113.1", "203.0.113.200", "2001:db8:1::7" }.Select(address => origins.Judge(Hit(address)).Flags));
    }

    [Fact]
    public async Task A_file_that_is_replaced_is_used_within_a_minute_without_a_restart()
    {
        var clock = new FakeTimeProvider();
        using var origins = Origins();
        using var loop = new LinkOriginsLoop(origins, clock);
        await loop.StartAsync(default);
        new AddressFile().AddNetwork("203.0.113.1/32", 14_061).WriteTo(Networks);
        Assert.Equal(HitFlags.None, origins.Judge(Hit("203.0.113.1")).Flags);

        await Eventually.TrueAsync(() =>
        {
            clock.Advance(LinkOriginsLoop.Round);
            return origins.Judge(Hit("203.0.113.1")).Flags == HitFlags.DataCentre;
        });

        await loop.StopAsync(default);
        Assert.Equal(HitFlags.None, origins.Judge(Hit("203.0.113.200")).Flags);
        Assert.Equal(3, _log.Lines.Count(line => line.Contains("is loaded, built 2023-11-14", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("broken")]
    [InlineData("cut")]
    [InlineData("empty")]
    [InlineData("missing")]
    [InlineData("of another kind")]
    public void Where_a_new_file_can_not_be_used_the_old_one_stays_and_that_is_said_once(string how)
    {
        using var origins = Origins();
        var whole = File.ReadAllBytes(Networks);
        switch (how)
        {
            case "missing":
                File.Delete(Networks);
                break;
            case "of another kind":
                File.Copy(Countries, Networks, overwrite: true);
                break;
            default:
                File.WriteAllBytes(Networks, how switch { "broken" => [.. Enumerable.Repeat((byte)7, 5_000)], "cut" => whole[..(whole.Length / 2)], _ => [] });
                break;
        }

        origins.Refresh();
        origins.Refresh();
        var meanwhile = origins.Judge(Hit("203.0.113.200")).Flags;
        new AddressFile().AddNetwork("203.0.113.0/24", 8_075).WriteTo(Networks);
        origins.Refresh();

        Assert.Equal((HitFlags.DataCentre, HitFlags.DataCentre), (meanwhile, origins.Judge(Hit("203.0.113.1")).Flags));
        var refused = Assert.Single(_log.Lines, line => line.Contains("can't be used", StringComparison.Ordinal));
        Assert.StartsWith($"SmsCrm:Links:NetworkDatabase: {Networks} can't be used: ", refused, StringComparison.Ordinal);
        Assert.Contains("the one that was loaded before is kept", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_bytes_in_the_data_cost_no_hit()
    {
        using var origins = Origins();
        var bytes = new AddressFile().AddNetwork("198.51.100.0/24", 16_509).AddNetwork("203.0.113.0/24", 16_509).ToBytes();

        // The second record's field says that it is a pointer far behind the end.
        var second = bytes.AsSpan().LastIndexOf("autonomous_system_number"u8);
        bytes[second - 1] = 0b0011_1111;
        File.WriteAllBytes(Networks, bytes);
        origins.Refresh();

        Assert.Equal(HitFlags.DataCentre, origins.Judge(Hit("198.51.100.1")).Flags);
        Assert.Equal((HitFlags.None, "DE"), Told(origins.Judge(Hit("203.0.113.1"))));
        origins.Judge(Hit("203.0.113.2"));
        Assert.Single(_log.Lines, line => line.Contains("has wrong bytes", StringComparison.Ordinal));
    }

    private static LinkHit Hit(string? address) => new(
        Guid.CreateVersion7(),
        new ShortLink("aB3dE6gH9j", new MessageId(Guid.CreateVersion7()), new TenantId(Guid.CreateVersion7()), "", "offer", "https://shop.example.com/", DateTimeOffset.MaxValue),
        DateTimeOffset.UnixEpoch,
        HitFlags.None)
    {
        Address = address is null ? null : IPAddress.Parse(address),
    };

    private static (HitFlags Flags, string Country) Told(LinkHit hit) => (hit.Flags, hit.Country);

    private LinkOrigins Origins(LinksOptions? options = null) =>
        new(Options.Create(options ?? new LinksOptions { NetworkDatabase = Networks, CountryDatabase = Countries }), _log);

    private sealed class LogList : ILogger<LinkOrigins>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines)
            {
                Lines.Add(formatter(state, exception));
            }
        }
    }
}
