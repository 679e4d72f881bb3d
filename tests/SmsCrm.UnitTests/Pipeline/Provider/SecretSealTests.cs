using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.UnitTests.Pipeline.Provider;

public sealed class SecretSealTests
{
    private static readonly Guid Account = new("01890000-0000-7000-8000-000000000001");
    private static readonly Guid AnotherAccount = new("01890000-0000-7000-8000-000000000002");
    private readonly SecretSeal _seal = Seal(Convert.ToBase64String(Enumerable.Repeat((byte)7, 32).ToArray()));

    [Fact]
    public void A_sealed_secret_opens_for_its_account() => Assert.Equal("tökén", _seal.Open(_seal.Seal("tökén", Account), Account));

    [Fact]
    public void The_same_secret_is_sealed_differently_each_time() => Assert.NotEqual(_seal.Seal("token", Account), _seal.Seal("token", Account));

    [Fact]
    public void It_does_not_open_for_another_account() =>
        Assert.ThrowsAny<CryptographicException>(() => _seal.Open(_seal.Seal("token", Account), AnotherAccount));

    [Fact]
    public void It_does_not_open_under_another_key() => Assert.ThrowsAny<CryptographicException>(() => Seal(null).Open(_seal.Seal("token", Account), Account));

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(20)]
    [InlineData(30)]
    public void A_changed_byte_anywhere_keeps_it_shut(int position)
    {
        var secret = _seal.Seal("token", Account);
        secret[position] ^= 1;

        Assert.ThrowsAny<CryptographicException>(() => _seal.Open(secret, Account));
    }

    [Fact]
    public void Rubbish_does_not_open() => Assert.ThrowsAny<CryptographicException>(() => _seal.Open([1, 2, 3], Account));

    [Theory]
    [InlineData("http://127.0.0.1:8090", true)]
    [InlineData("http://localhost:8090", true)]
    [InlineData("http://[::1]:8090", true)]
    [InlineData("https://api.twilio.com", false)]
    [InlineData("http://10.0.0.5:8090", false)]
    public void The_development_key_serves_loopback_addresses_only(string address, bool allowed) =>
        Assert.Equal(allowed, Seal(null).Objection(new Uri(address)) is null);

    [Fact]
    public void A_key_of_ones_own_serves_any_address() => Assert.Null(_seal.Objection(new Uri("https://api.twilio.com")));

    private static SecretSeal Seal(string? key) => new(Options.Create(new ProviderOptions { SecretKey = key }));
}
