using SmsCrm.Pipeline.Provider;

namespace SmsCrm.UnitTests.Pipeline.Provider;

public sealed class TwilioErrorBodyTests
{
    [Fact]
    public void The_usual_form_is_read()
    {
        var error = TwilioErrorBody.TryRead(
            """{"code":21211,"message":"Invalid 'To'","more_info":"https://www.twilio.com/docs/errors/21211","status":400}""", 400);

        Assert.Equal(new TwilioErrorBody(21211, "Invalid 'To'"), error);
    }

    [Fact]
    public void The_form_of_RFC_9457_is_read()
    {
        var error = TwilioErrorBody.TryRead("""{"type":"https://x","title":"Too many","status":429,"code":20429,"detail":"Slow down"}""", 429);

        Assert.Equal(new TwilioErrorBody(20429, "Slow down"), error);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("<html><body>Bad Gateway</body></html>")]
    [InlineData("""{"message":"Forbidden"}""")]
    [InlineData("""{"code":403,"message":"Forbidden","status":403}""")]
    [InlineData("""{"code":21211,"message":"of another status","status":400}""")]
    [InlineData("""{"code":"21211","message":"a string","status":403}""")]
    [InlineData("""{"code":21211,"status":403""")]
    [InlineData("""[21211]""")]
    public void What_a_proxy_says_is_not_the_providers_word(string? body) => Assert.Null(TwilioErrorBody.TryRead(body, 403));

    [Fact]
    public void A_long_message_is_cut()
    {
        var error = TwilioErrorBody.TryRead($$"""{"code":21211,"message":"{{new string('x', 10_000)}}","status":400}""", 400);

        Assert.Equal(500, error!.Message.Length);
    }
}
