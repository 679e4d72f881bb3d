using SmsCrm.TwilioSimulator.Callbacks;

namespace SmsCrm.UnitTests.TwilioSimulator.Callbacks;

public sealed class CallbackTargetTests
{
    [Fact]
    public void Without_a_fragment_twilios_defaults_hold()
    {
        var target = Parse("https://example.com/cb?message=1");

        Assert.Equal((5000, 15_000, 15_000, 1), (target.ConnectMs, target.AnswerMs, target.TotalMs, target.Retries));
        Assert.Equal(RetryCauses.Connect, target.RetryOn);
    }

    [Fact]
    public void The_fragment_overrides_them_and_is_neither_sent_nor_signed()
    {
        var target = Parse("https://example.com/cb?message=1#rc=3&rp=5xx,ct,rt&ct=200&rt=1000&tt=2000");

        Assert.Equal("https://example.com/cb?message=1", target.Url);
        Assert.Equal("/cb?message=1", target.PathAndQuery);
        Assert.Equal(("example.com", 443, true), (target.Endpoint.Host, target.Endpoint.Port, target.Endpoint.IsTls));
        Assert.Equal((200, 1000, 2000, 3), (target.ConnectMs, target.AnswerMs, target.TotalMs, target.Retries));
        Assert.Equal(RetryCauses.ServerError | RetryCauses.Connect | RetryCauses.Answer, target.RetryOn);
    }

    [Fact]
    public void An_override_out_of_range_is_left_aside()
    {
        var target = Parse("https://example.com/cb#rc=6&rp=sometimes&ct=99&rt=15001&tt=x&zz=1");

        Assert.Equal((5000, 15_000, 15_000, 1), (target.ConnectMs, target.AnswerMs, target.TotalMs, target.Retries));
        Assert.Equal(RetryCauses.Connect, target.RetryOn);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080/twilio/status?x=%41%2f~'", "/twilio/status?x=%41%2f~'")]
    [InlineData("http://user:pass@localhost/a/../b", "/a/../b")]
    public void Path_and_query_reach_the_receiver_as_they_were_given(string url, string path) => Assert.Equal(path, Parse(url).PathAndQuery);

    [Theory]
    [InlineData("/relative")]
    [InlineData("ftp://example.com/")]
    [InlineData("https://")]
    [InlineData("https://a_b.example.com/")]
    [InlineData("example.com/cb")]
    [InlineData("https://example.com:99999/")]
    [InlineData("https://example.com/a b")]
    [InlineData("https://example.com/?x=1\r\nX-Other: 1")]
    [InlineData("")]
    public void What_twilio_refuses_is_refused(string url) => Assert.False(CallbackTarget.TryParse(url, out _));

    [Fact]
    public void A_url_has_at_most_4000_characters()
    {
        Assert.True(CallbackTarget.TryParse("https://example.com/".PadRight(4000, 'a'), out _));
        Assert.False(CallbackTarget.TryParse("https://example.com/".PadRight(4001, 'a'), out _));
    }

    [Theory]
    [InlineData("https://example.com/?tenant=t&message=abc&attempt=1", "abc")]
    [InlineData("https://example.com/?message=abc#rc=3", "abc")]
    [InlineData("https://example.com/?xmessage=no", "")]
    [InlineData("https://example.com/#message=no", "")]
    [InlineData(null, "")]
    public void The_callers_own_id_is_found_in_the_query(string? url, string id) =>
        Assert.Equal(id, CallbackTarget.QueryValue(url, "message").ToString());

    private static CallbackTarget Parse(string url)
    {
        Assert.True(CallbackTarget.TryParse(url, out var target));
        return target;
    }
}
