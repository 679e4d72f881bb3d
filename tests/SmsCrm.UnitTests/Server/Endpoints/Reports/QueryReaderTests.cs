using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Endpoints.Reports;

namespace SmsCrm.UnitTests.Server.Endpoints.Reports;

public sealed class QueryReaderTests
{
    [Fact]
    public void Good_values_are_read()
    {
        var query = Reader();

        Assert.Equal("spring", query.CampaignId("spring"));
        Assert.Equal(MessageState.Delivered, query.State("delivered"));
        Assert.Equal(new PhoneNumber(12125550123), query.Recipient("+12125550123"));
        Assert.Equal(200, query.Limit("200", 50, 200));
        Assert.Equal(50, query.Limit(null, 50, 200));
        Assert.Equal(new DateOnly(2026, 2, 28), query.Day("from", "2026-02-28"));
        Assert.False(query.HasErrors);
    }

    [Fact]
    public void A_plus_sign_that_was_not_escaped_is_understood() =>
        Assert.Equal(new PhoneNumber(12125550123), Reader().Recipient(" 12125550123"));

    [Theory]
    [InlineData("0")]
    [InlineData("201")]
    [InlineData("-1")]
    [InlineData("1e2")]
    [InlineData("")]
    [InlineData("99999999999999999999")]
    public void A_limit_out_of_range_is_an_error(string limit)
    {
        var query = Reader();

        query.Limit(limit, 50, 200);

        AssertError(query, "limit", $"is '{limit}': it is a whole number from 1 to 200");
    }

    [Theory]
    [InlineData("2026-02-30")]
    [InlineData("28.02.2026")]
    [InlineData("")]
    public void What_is_no_day_is_an_error(string day)
    {
        var query = Reader();

        Assert.Null(query.Day("to", day));

        AssertError(query, "to", $"is '{day}': it is a day of the tenant's time zone");
    }

    [Theory]
    [InlineData("0001-01-01")]
    [InlineData("1999-12-31")]
    [InlineData("9001-01-01")]
    [InlineData("9999-12-31")]
    public void A_day_that_leaves_no_room_for_the_range_before_it_is_an_error(string day)
    {
        var query = Reader();

        Assert.Null(query.Day("to", day));

        AssertError(query, "to", $"is '{day}': it is a day of the years 2000 to 9000");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("Delivered")]
    [InlineData("5")]
    public void What_is_no_state_is_an_error(string state)
    {
        var query = Reader();

        Assert.Null(query.State(state));

        AssertError(query, "state", $"is '{state}': it is one of queued, ");
    }

    [Fact]
    public void A_parameter_that_is_not_known_or_comes_twice_is_an_error()
    {
        var query = new QueryReader(
            new QueryCollection(new Dictionary<string, StringValues> { ["campaign"] = "x", ["state"] = new(["sent", "read"]) }), "campaign_id", "state");

        AssertError(query, "campaign", "is 'x': this list knows only campaign_id, state");
        AssertError(query, "state", "is 'sent,read': give it once");
    }

    [Fact]
    public void A_long_value_is_shown_cut()
    {
        var query = Reader();

        query.CampaignId(new string('c', 65_000));

        Assert.True(query.Errors.Single().Detail.Length < 250);
    }

    private static QueryReader Reader() => new(new QueryCollection());

    private static void AssertError(QueryReader query, string field, string detail) =>
        Assert.Contains(query.Errors, error => error.Field == field && error.Detail.StartsWith(detail, StringComparison.Ordinal));
}
