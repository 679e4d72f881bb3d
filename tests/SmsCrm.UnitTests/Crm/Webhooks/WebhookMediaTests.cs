using System.Text;
using System.Text.Json;
using SmsCrm.Crm.Webhooks;
using SmsCrm.Pipeline.Receipts.Inbound;
using SmsCrm.Server.Watch;
using SmsCrm.UnitTests.Pipeline.Ledger;

namespace SmsCrm.UnitTests.Crm.Webhooks;

/// <summary>Pictures that came with a text, as tenants' systems are told of them.</summary>
public sealed class WebhookMediaTests
{
    private const int MostOfABody = 20_480;

    [Fact]
    public void A_webhook_and_Watch_tell_how_many_came_with_their_types_and_addresses()
    {
        var text = FeedItems.Text(1, 1) with { MediaCount = 2, Media = [new("image/jpeg", "https://api.twilio.com/1"), new("", "")] };

        var data = Data(WebhookPayload.Of(text));
        var received = WatchAnswers.Of(text).Received;

        Assert.Equal(2, data.GetProperty("media_count").GetInt32());
        Assert.Equal("""[{"content_type":"image/jpeg","url":"https://api.twilio.com/1"},{}]""", data.GetProperty("media").GetRawText());
        Assert.Equal((2, "image/jpeg", "https://api.twilio.com/1", ""), (received.MediaCount, received.Media[0].ContentType, received.Media[0].Url, received.Media[1].Url));
    }

    [Fact]
    public void Of_a_text_without_any_nothing_is_told()
    {
        var data = Data(WebhookPayload.Of(FeedItems.Text(1, 1)));

        Assert.False(data.TryGetProperty("media_count", out _) || data.TryGetProperty("media", out _));
    }

    [Fact]
    public void However_long_text_and_addresses_are_they_fit_into_a_delivery_and_the_number_is_whole()
    {
        var longest = new InboundMedia("image/" + new string('+', 94), "https://a/?" + new string('&', 2_037));
        var text = FeedItems.Text(1, 1) with { Body = new string('ж', 4_000), MediaCount = 10, Media = [.. Enumerable.Repeat(longest, 10)] };

        var body = WebhookPayload.Of(text);

        Assert.True(Encoding.UTF8.GetByteCount(body) <= MostOfABody, $"{Encoding.UTF8.GetByteCount(body)} bytes");
        Assert.Equal(10, Data(body).GetProperty("media_count").GetInt32());
    }

    private static JsonElement Data(string body) => JsonDocument.Parse(body).RootElement.GetProperty("data");
}
