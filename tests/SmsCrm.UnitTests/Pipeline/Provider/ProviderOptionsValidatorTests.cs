using SmsCrm.Pipeline.Provider;

namespace SmsCrm.UnitTests.Pipeline.Provider;

public sealed class ProviderOptionsValidatorTests
{
    [Fact]
    public void The_defaults_are_fine() => Assert.Empty(Errors(new ProviderOptions()));

    [Fact]
    public void Every_error_is_reported_at_once_with_setting_value_and_range()
    {
        var errors = Errors(new ProviderOptions
        {
            PublicBaseUrl = "sms.example.com",
            SecretKey = "c2hvcnQ=",
            PostTimeoutMs = 10_001,
            ReadTimeoutMs = 99,
            ConnectTimeoutMs = 0,
            ConnectionLifetimeSeconds = 0,
            MaxConnections = 0,
            MaxListPages = 101,
            SettingsCheckMs = 5_000,
        });

        Assert.Equal(9, errors.Count);
        Assert.Contains("SmsCrm:Provider:PostTimeoutMs is 10001: it must be from 100 to 10000.", errors);
        Assert.Contains(errors, error => error.StartsWith("SmsCrm:Provider:PublicBaseUrl is 'sms.example.com'", StringComparison.Ordinal));
        Assert.DoesNotContain(errors, error => error.Contains("c2hvcnQ=", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://example.com?x=1")]
    [InlineData("https://example.com/#x")]
    [InlineData("ftp://example.com")]
    [InlineData("")]
    public void A_public_address_that_could_not_be_signed_over_is_refused(string url) => Assert.Single(Errors(new ProviderOptions { PublicBaseUrl = url }));

    private static List<string> Errors(ProviderOptions options) => new ProviderOptionsValidator().Validate(null, options).Failures?.ToList() ?? [];
}
