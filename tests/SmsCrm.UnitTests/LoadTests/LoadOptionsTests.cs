using System.CommandLine;
using SmsCrm.LoadTests;

namespace SmsCrm.UnitTests.LoadTests;

public sealed class LoadOptionsTests
{
    private readonly LoadOptions _options = new();

    [Theory]
    [InlineData("--scenario webhooks")]
    [InlineData("--scenario links")]
    [InlineData("--scenario reports")]
    [InlineData("--scenario pipeline --rate 500 1000")]
    [InlineData("--scenario webhooks --tenants 100 --endpoints 5000 --hanging 0 --failing 4999")]
    public void What_is_right_has_no_error(string arguments)
    {
        var parsed = _options.Command.Parse(arguments);

        Assert.Empty(parsed.Errors);
        Assert.Null(_options.ErrorOf(parsed));
    }

    [Theory]
    [InlineData("--scenario pipeline", "--rate is needed")]
    [InlineData("--scenario webhooks --tenants 3", "--endpoints is 5000; it must be a multiple of --tenants (3) and up to 50 times it")]
    [InlineData("--scenario webhooks --tenants 99 --endpoints 5049", "--endpoints is 5049; it must be a multiple of --tenants (99) and up to 50 times it")]
    [InlineData("--scenario webhooks --failing 4950", "--hanging and --failing are together 5000; they must be fewer than --endpoints (5000)")]
    public void What_options_say_together_is_refused_with_their_values(string arguments, string error)
    {
        var parsed = _options.Command.Parse(arguments);

        Assert.Empty(parsed.Errors);
        Assert.Equal(error, _options.ErrorOf(parsed));
    }

    [Theory]
    [InlineData("--scenario webhooks --tenants 0", "--tenants is 0; it must be from 1 to 5000")]
    [InlineData("--scenario links --rate 100001", "--rate must be from 1 to 100000")]
    [InlineData("--scenario links --queued-hits 99", "--queued-hits is 99; it must be from 100 to 10000000")]
    public void A_value_out_of_range_is_refused(string arguments, string error) =>
        Assert.Equal([error], _options.Command.Parse(arguments).Errors.Select(static found => found.Message));

    [Fact]
    public void Without_a_rate_webhooks_and_links_have_their_own()
    {
        var webhooks = _options.WebhooksOf(_options.Command.Parse("--scenario webhooks"));
        var links = _options.LinksOf(_options.Command.Parse("--scenario links"));

        Assert.Equal((200.0, 20.0), (webhooks.Rate, webhooks.MessagesPerSecond));
        Assert.Equal([500, 1_000, 2_000, 4_000], links.Rates);
    }
}
