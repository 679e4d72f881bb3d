using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SmsCrm.Contracts.V1;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.EndToEndTests;

/// <summary>From a request with a link to the recipient's click, through the whole system.</summary>
public sealed partial class LinkTests
{
    private const string Recipient = "+12125550461";
    private const string Target = "https://shop.example.com/spring?code=1#top";

    [Fact]
    public async Task A_recipient_follows_the_link_of_the_text_that_came_and_the_click_is_counted_and_told()
    {
        await using var system = await TestSystem.StartAsync(
            KafkaKind.Embedded,
            new Dictionary<string, string>
            {
                ["SmsCrm__Links__TooSoonSeconds"] = "0",

                // A busy machine is no store that is away.
                ["SmsCrm__Links__RedisTimeoutMs"] = "5000",
                ["SmsCrm__Links__LookupTimeoutMs"] = "5000",
            });
        using var api = await Api.OfAsync(system);
        await using var receiver = await WebhookReceiver.StartAsync();
        var secret = await AskForClicksAsync(api, receiver.Url("clicks"));
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        http.DefaultRequestHeaders.UserAgent.ParseAdd("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36");

        var accepted = await api.Grpc.SendAsync(
            new SendRequest
            {
                To = Recipient,
                Body = "Our offer: {{link:offer}}",
                Purpose = Purpose.Transactional,
                CampaignId = "spring",
                Links = { new Link { Placeholder = "offer", Url = Target } },
            },
            api.Headers);
        await api.StateIsAsync(accepted.MessageId, "delivered");
        using var provider = new Provider(system);
        var text = await provider.TextToAsync(Recipient);
        var link = Address().Match(text).Value;
        using var answer = await http.GetAsync(link);

        Assert.StartsWith(new Uri(system.HttpAddress, "/l/").ToString(), link, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Found, Target), (answer.StatusCode, answer.Headers.Location?.OriginalString));
        await Eventually.EqualAsync("1 1 1", () => ClicksAsync(api));
        var click = Assert.Single((await api.GetAsync($"/v1/messages/{accepted.MessageId}")).GetProperty("clicks").EnumerateArray());
        Assert.Equal(("offer", true), (click.GetProperty("link").GetString(), click.GetProperty("human").GetBoolean()));
        await Eventually.TrueAsync(() => receiver.Received.Count == 1);
        var told = receiver.Received.Single();
        Assert.True(told.IsSignedWith(secret));
        Assert.Equal(("message.clicked", accepted.MessageId, Target, Recipient, true), (
            told.Type, told.Data.GetProperty("message_id").GetString(), told.Data.GetProperty("url").GetString(), told.Data.GetProperty("to").GetString(),
            told.Data.GetProperty("human").GetBoolean()));
    }

    /// <returns>The endpoint's secret.</returns>
    private static async Task<string> AskForClicksAsync(Api api, string url)
    {
        using var body = new StringContent(JsonSerializer.Serialize(new { url, events = new[] { "message.clicked" } }), Encoding.UTF8, "application/json");
        using var made = await api.Rest.PostAsync("/v1/webhooks", body);
        var text = await made.Content.ReadAsStringAsync();
        Assert.True(made.StatusCode == HttpStatusCode.Created, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("secret").GetString()!;
    }

    private static async Task<string> ClicksAsync(Api api)
    {
        // An export is read anew; the report itself may be kept for a while.
        var lines = (await api.Rest.GetStringAsync("/v1/reports/clicks-by-campaign?campaign_id=spring&format=csv")).Split('\n', StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(line => line.StartsWith("spring,", StringComparison.Ordinal)) is { } line ? string.Join(' ', line.Split(',')[2..]) : "";
    }

    [GeneratedRegex(@"https?://\S+")]
    private static partial Regex Address();
}
