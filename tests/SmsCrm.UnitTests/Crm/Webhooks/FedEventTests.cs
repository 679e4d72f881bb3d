using System.Text.Json;
using SmsCrm.Crm.Webhooks;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.UnitTests.Pipeline.Ledger;

namespace SmsCrm.UnitTests.Crm.Webhooks;

public sealed class FedEventTests
{
    [Fact]
    public void Events_texts_and_clicks_are_told_under_their_names_and_what_nobody_may_ask_for_is_not()
    {
        Assert.Equal("message.delivered", FedEvent.Of(FeedItems.Event(5, 1))!.Name);
        Assert.Equal("message.received", FedEvent.Of(FeedItems.Text(5, 2))!.Name);
        Assert.Equal("message.clicked", FedEvent.Of(FeedItems.Click(5, 3))!.Name);
        Assert.Null(FedEvent.Of(FeedItems.Event(5, 4, EventKind.Claimed)));
    }

    [Fact]
    public void Texts_and_clicks_are_told_to_those_alone_who_name_them()
    {
        string[] more = [WebhookEvents.Received, WebhookEvents.Clicked];

        Assert.Superset(more.ToHashSet(), WebhookEvents.All.ToHashSet());
        Assert.Empty(WebhookEvents.Default.Intersect(more));
    }

    [Fact]
    public void A_persons_click_says_what_was_followed_and_gives_no_flags()
    {
        var click = FeedItems.Click(5, 1);

        Assert.Equal(
            $$"""
            {"type":"message.clicked","timestamp":"1970-01-01T00:00:00Z","data":{"message_id":"{{click.MessageId}}","placeholder":"offer",
            "url":"https://shop.example.com/?a=1\u0026b=2","at":"1970-01-01T00:00:00Z","human":true,"to":"\u002B14155550123","client_reference":"ref",
            """.Replace("\n", "", StringComparison.Ordinal) + "\"campaign_id\":\"spring\"}}",
            FedEvent.Of(click)!.Body());
    }

    [Fact]
    public void A_programs_click_says_why_it_is_taken_for_one()
    {
        var data = Data(FedEvent.Of(FeedItems.Click(5, 1, HitFlags.Agent | HitFlags.TooSoon))!);

        Assert.False(data.GetProperty("human").GetBoolean());
        Assert.Equal(["agent", "too_soon"], data.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
    }

    [Fact]
    public void What_is_not_known_of_a_click_is_absent()
    {
        var data = Data(FedEvent.Of(FeedItems.Click(5, 1) with { Url = "", Recipient = null, ClientReference = "", CampaignId = "" })!);

        Assert.Equal(["message_id", "placeholder", "at", "human"], data.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public void The_longest_link_in_characters_that_are_escaped_fits_into_a_delivery()
    {
        var click = FeedItems.Click(5, 1) with
        {
            Url = new string('&', 2_048),
            ClientReference = new string('\u1234', 64),
            CampaignId = new string('\u1234', 64),
            Placeholder = new string('a', 40),
        };

        Assert.InRange(FedEvent.Of(click)!.Body().Length, 2_048 * 6, 20_480);
    }

    private static JsonElement Data(FedEvent happened) => JsonSerializer.Deserialize<JsonElement>(happened.Body()).GetProperty("data");
}
