using SmsCrm.Pipeline.Links;

namespace SmsCrm.UnitTests.Pipeline.Links;

public sealed class BotRulesTests
{
    private const string Phone =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

    [Theory]
    [InlineData(Phone)]
    [InlineData("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/98.0.4758.101 Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0")]
    public void People_s_browsers_are_people(string agent) => Assert.Equal(HitFlags.None, BotRules.Judge(isHead: false, agent, []));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Mozilla/5.0")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0")]
    [InlineData("WhatsApp/2.24.1 A")]
    [InlineData("TelegramBot (like TwitterBot)")]
    [InlineData("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")]
    [InlineData("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0 Safari/537.36")]
    [InlineData("curl/8.5.0")]
    [InlineData("python-requests/2.31")]
    [InlineData("Go-http-client/2.0")]
    public void Previews_scanners_and_programs_are_not(string? agent) => Assert.Equal(HitFlags.Agent, BotRules.Judge(isHead: false, agent, []));

    [Theory]
    [InlineData("prefetch")]
    [InlineData("prefetch;prerender")]
    [InlineData("Preview")]
    public void What_is_fetched_ahead_is_no_click_of_a_person(string purpose) =>
        Assert.Equal(HitFlags.Prefetch, BotRules.Judge(isHead: false, Phone, [null, purpose]));

    [Fact]
    public void Every_reason_is_kept() =>
        Assert.Equal(HitFlags.Head | HitFlags.Agent | HitFlags.Prefetch, BotRules.Judge(isHead: true, "curl/8.5.0", ["prefetch"]));
}
