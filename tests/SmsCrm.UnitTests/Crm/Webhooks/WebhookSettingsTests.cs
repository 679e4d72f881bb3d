using SmsCrm.Crm.Webhooks;

namespace SmsCrm.UnitTests.Crm.Webhooks;

public sealed class WebhookSettingsTests
{
    [Theory]
    [InlineData("http://example.com/events")]
    [InlineData("ftp://example.com")]
    [InlineData("/events")]
    [InlineData("")]
    [InlineData("https://user:pass@example.com/")]
    [InlineData("https://example.com/#here")]
    public void An_address_that_is_not_plain_https_is_refused(string url) =>
        Assert.StartsWith("url ", Assert.Single(new WebhookSettings(url).Errors(allowsPlainHttp: false, out _)), StringComparison.Ordinal);

    [Fact]
    public void Every_error_is_told_at_once()
    {
        var errors = new WebhookSettings("nowhere") { Description = "a\nb", Events = ["message.delivered", "message.exploded"] }.Errors(false, out _);

        Assert.Equal(3, errors.Count);
        Assert.Contains("message.exploded", errors[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_out_of_range_is_named_at_once()
    {
        var options = new WebhooksOptions
        {
            AllowedNetworks = ["127.0.0.1", "10.0.0.0/8"],
            DeadlineSeconds = 31,
            EndpointsAtOnce = 1,
            RequestsPerEndpoint = 0,
            SlowAfterFailures = 0,
            SwitchOffAfterHours = 0,
            WaitingPerEndpoint = 1,
            KeepDays = 1,
            PollMs = 1,
        };

        var failures = new WebhooksOptionsValidator().Validate(null, options).Failures!.ToList();

        Assert.Equal(9, failures.Count);
        Assert.Contains("SmsCrm:Webhooks:AllowedNetworks has '127.0.0.1': it must be a network with its prefix, such as 127.0.0.0/8.", failures);
        Assert.True(new WebhooksOptionsValidator().Validate(null, new WebhooksOptions()).Succeeded);
    }
}
