using System.Net;
using System.Text.Json;
using Google.Protobuf;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Receipts.Inbound;
using Purpose = SmsCrm.Pipeline.Messages.Purpose;

namespace SmsCrm.IntegrationTests.Receipts;

/// <summary>What recipients write back: what it answers, where a tenant reads it, and who decides on what looked like a wish to stop.</summary>
public sealed class ConversationTests(TwilioServer server) : IClassFixture<TwilioServer>
{
    private static long _next = 14155551000;
    private readonly PhoneNumber _number = new(Interlocked.Increment(ref _next));

    [Fact]
    public async Task A_reply_is_linked_to_the_last_text_from_that_sender_to_that_number_before_it()
    {
        await SendAsync("winter", "One");
        var last = await SendAsync("spring", "Two");
        await SendAsync("other sender", "Three", sender: Guid.CreateVersion7());
        await QueueAsync("not sent", "Four");

        await server.WriteAsync(_number.ToString(), "Thanks!");
        await SendAsync("summer", "Later");

        var reply = (await ConversationAsync()).Single(text => text.GetProperty("direction").GetString() == "inbound");
        Assert.Equal(last.ToString(), reply.GetProperty("reply_to").GetString());
        Assert.Equal("spring", reply.GetProperty("campaign_id").GetString());
    }

    [Fact]
    public async Task A_text_of_somebody_who_was_not_texted_answers_nothing()
    {
        await server.WriteAsync(_number.ToString(), "Hello?");

        var text = Assert.Single(await ConversationAsync());
        Assert.False(text.TryGetProperty("reply_to", out var reply) && reply.ValueKind != JsonValueKind.Null);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(200)]
    public async Task A_conversation_in_pages_is_both_directions_newest_first_each_text_once(int limit)
    {
        var written = new List<string>();
        for (var n = 0; n < 4; n++)
        {
            await SendAsync("spring", $"Text {n}");
            written.Add($"Text {n}");
            await server.WriteAsync(_number.ToString(), $"Reply {n}");
            await server.WriteAsync(_number.ToString(), $"And {n}");
            written.AddRange([$"Reply {n}", $"And {n}"]);
        }

        var read = (await ConversationAsync(limit)).Select(text => text.GetProperty("body").GetString()!).ToList();

        written.Reverse();
        Assert.Equal(written, read);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(200)]
    public async Task A_text_stands_where_it_was_handed_to_the_provider_whenever_it_was_accepted(int limit)
    {
        var answered = await SendAsync("spring", "Now");
        var scheduled = await SendAsync("spring", "In 40 s");
        await server.Bench.ScalarAsync<int>($"UPDATE messages SET claimed_at = claimed_at + interval '40 s' WHERE id = '{scheduled.Value}'");
        await server.WriteAsync(_number.ToString(), "Thanks!");
        await QueueAsync("spring", "Not yet");

        var texts = await ConversationAsync(limit);

        Assert.Equal(["In 40 s", "Not yet", "Thanks!", "Now"], texts.Select(text => text.GetProperty("body").GetString()));
        Assert.Equal(answered.ToString(), texts[2].GetProperty("reply_to").GetString());
        Assert.Equal(scheduled.AcceptedAt, Time(texts[0], "accepted_at"));
        Assert.Equal(Time(texts[0], "at"), Time(texts[0], "sent_at"));
        Assert.InRange(Time(texts[0], "sent_at")!.Value - scheduled.AcceptedAt, TimeSpan.FromSeconds(39), TimeSpan.FromMinutes(5));
        Assert.Equal((Time(texts[1], "accepted_at"), null), (Time(texts[1], "at"), Time(texts[1], "sent_at")));
        static DateTimeOffset? Time(JsonElement text, string name) =>
            text.TryGetProperty(name, out var time) && time.ValueKind == JsonValueKind.String ? time.GetDateTimeOffset() : null;
    }

    [Fact]
    public async Task Pictures_that_come_with_a_text_are_told_in_the_conversation_the_list_and_the_feed()
    {
        const string Picture = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1";
        var position = await server.Get<EventFeed>().EndAsync(default);
        var form = new Dictionary<string, string>
        {
            ["AccountSid"] = TwilioServer.AccountSid,
            ["Body"] = "",
            ["From"] = _number.ToString(),
            ["MediaContentType0"] = "image/jpeg",
            ["MediaUrl0"] = Picture,
            ["MessageSid"] = "MM" + TwilioServer.NewSid()[2..],
            ["NumMedia"] = "1",
            ["To"] = TwilioServer.Sender,
        };
        using var content = new FormUrlEncodedContent(form);

        var (status, _) = await server.PostAsync("/twilio/inbound", content, TwilioServer.Sign("/twilio/inbound", form));
        await server.WriteAsync(_number.ToString(), "Nice, isn't it?");

        Assert.Equal(HttpStatusCode.OK, status);
        var texts = await ConversationAsync();
        Assert.Equal($$"""[{"content_type":"image/jpeg","url":"{{Picture}}"}]""", texts[1].GetProperty("media").GetRawText());
        Assert.Equal(1, texts[1].GetProperty("media_count").GetInt32());
        Assert.False(texts[0].TryGetProperty("media_count", out var none) && none.ValueKind != JsonValueKind.Null);
        await TestKit.Eventually.PassesAsync(async () =>
        {
            var told = Assert.IsType<FeedRead.Batch>(await server.Get<InboundFeed>().ReadAfterAsync(position, 100, default));
            var text = Assert.Single(told.Items.Cast<InboundEvent>(), text => text.From == _number && text.MediaCount == 1);
            Assert.Equal([new InboundMedia("image/jpeg", Picture)], text.Media);
        });
    }

    [Fact]
    public async Task A_conversation_is_its_own_tenants_and_a_cursor_its_own_numbers()
    {
        await SendAsync("spring", "Hello");
        await server.WriteAsync(_number.ToString(), "Hi");
        var (_, mine) = await server.CallAsync(HttpMethod.Get, $"/v1/conversations/{_number}?limit=1");

        var (_, others) = await server.CallAsync(HttpMethod.Get, $"/v1/conversations/{_number}", key: server.OtherKey);
        var cursor = mine.GetProperty("next_cursor").GetString();
        var (wrong, problem) = await server.CallAsync(HttpMethod.Get, $"/v1/conversations/+14155559999?cursor={cursor}");

        Assert.Equal(0, others.GetProperty("texts").GetArrayLength());
        Assert.Equal(HttpStatusCode.BadRequest, wrong);
        Assert.Contains("cursor", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_has_who_wrote_once_with_the_last_text()
    {
        await server.WriteAsync(_number.ToString(), "First");
        await server.WriteAsync(_number.ToString(), "Last");

        var found = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var (_, page) = await server.CallAsync(HttpMethod.Get, $"/v1/conversations?limit=1{(cursor is null ? "" : $"&cursor={cursor}")}");
            found.AddRange(page.GetProperty("conversations").EnumerateArray());
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);

        var mine = Assert.Single(found, entry => entry.GetProperty("number").GetString() == _number.ToString());
        Assert.Equal("Last", mine.GetProperty("last_body").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await server.CallAsync(HttpMethod.Get, "/v1/conversations?limit=201")).Status);
    }

    [Fact]
    public async Task A_wish_to_stop_in_words_of_its_own_suppresses_at_once_and_is_lifted_by_whoever_reads_it()
    {
        await server.WriteAsync(_number.ToString(), "please stop texting me");
        Assert.True(await IsSuppressedAsync());
        var review = await ReviewAsync("open");

        var (othersStatus, _) = await server.CallAsync(HttpMethod.Post, $"/v1/reviews/{review}/lift", key: server.OtherKey);
        var (status, decided) = await server.CallAsync(HttpMethod.Post, $"/v1/reviews/{review}/lift");
        var (again, _) = await server.CallAsync(HttpMethod.Post, $"/v1/reviews/{review}/lift");
        var (otherwise, _) = await server.CallAsync(HttpMethod.Post, $"/v1/reviews/{review}/confirm");

        Assert.Equal(HttpStatusCode.NotFound, othersStatus);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False(decided.GetProperty("suppressed").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, again);
        Assert.Equal(HttpStatusCode.Conflict, otherwise);
        Assert.False(await IsSuppressedAsync());
        Assert.Equal("suppressed recipient,lifted one", await EvidenceAsync());
        Assert.Equal(review, await ReviewAsync("lifted"));
    }

    [Fact]
    public async Task A_confirmed_wish_stays()
    {
        await server.WriteAsync(_number.ToString(), "please stop texting me");
        var review = await ReviewAsync("open");

        var (status, decided) = await server.CallAsync(HttpMethod.Post, $"/v1/reviews/{review}/confirm");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(decided.GetProperty("suppressed").GetBoolean());
        Assert.True(await IsSuppressedAsync());
        Assert.Equal(review, await ReviewAsync("confirmed"));
    }

    [Theory]
    [InlineData("STOP", "please stop texting me")]
    [InlineData("please stop texting me", "STOP")]
    [InlineData("please stop texting me", "do not contact me")]
    public async Task To_lift_a_wish_lifts_no_other_opt_out(string first, string second)
    {
        await server.WriteAsync(_number.ToString(), first);
        await server.WriteAsync(_number.ToString(), second);
        var review = await ReviewAsync("open");

        var (_, decided) = await server.CallAsync(HttpMethod.Post, $"/v1/reviews/{review}/lift");

        Assert.True(decided.GetProperty("suppressed").GetBoolean());
        Assert.True(await IsSuppressedAsync());
    }

    [Fact]
    public async Task When_all_wishes_are_lifted_the_number_is_free()
    {
        await server.WriteAsync(_number.ToString(), "please stop texting me");
        await server.WriteAsync(_number.ToString(), "stop sending these");

        await server.CallAsync(HttpMethod.Post, $"/v1/reviews/{await ReviewAsync("open")}/lift");
        Assert.True(await IsSuppressedAsync());
        await server.CallAsync(HttpMethod.Post, $"/v1/reviews/{await ReviewAsync("open")}/lift");

        Assert.False(await IsSuppressedAsync());
    }

    [Fact]
    public async Task Keywords_are_answered_as_the_tenant_says_but_not_where_the_provider_has_answered()
    {
        const string help = "Acme & Co: call +1 800 555 0100, \"9-5\" <Mo-Fr>";
        Assert.Contains("<Response/>", (await server.WriteAsync(_number.ToString(), "HELP")).Body, StringComparison.Ordinal);
        var (put, _) = await server.CallAsync(HttpMethod.Put, "/v1/settings/answers", JsonSerializer.Serialize(new { help }));
        try
        {
            var (status, answer) = await server.WriteAsync(_number.ToString(), "help?");
            var (_, answered) = await server.WriteAsync(_number.ToString(), "HELP", optOutType: "HELP");
            var (_, other) = await server.WriteAsync(_number.ToString(), "How much is it?");

            Assert.Equal(HttpStatusCode.OK, put);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Contains("<Message>Acme &amp; Co: call +1 800 555 0100, &quot;9-5&quot; &lt;Mo-Fr&gt;</Message>", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("<Message>", answered + other, StringComparison.Ordinal);
            Assert.Equal(help, (await server.CallAsync(HttpMethod.Get, "/v1/settings/answers")).Body.GetProperty("help").GetString());
            Assert.Equal(HttpStatusCode.BadRequest, (await server.CallAsync(HttpMethod.Put, "/v1/settings/answers", """{"help":""}""")).Status);
        }
        finally
        {
            await server.CallAsync(HttpMethod.Put, "/v1/settings/answers", "{}");
        }
    }

    [Fact]
    public async Task The_feed_tells_each_text_once_in_order_whoever_commits_late()
    {
        var position = await server.Get<EventFeed>().EndAsync(default);
        for (var n = 0; n < 5; n++)
        {
            await server.WriteAsync(_number.ToString(), $"Text {n}");
        }

        var told = new List<string>();
        await TestKit.Eventually.PassesAsync(async () =>
        {
            var batch = Assert.IsType<FeedRead.Batch>(await server.Get<InboundFeed>().ReadAfterAsync(position, 2, default));
            position = batch.Position;
            told.AddRange(batch.Items.Cast<InboundEvent>().Where(text => text.From == _number).Select(text => text.Body));
            Assert.Equal(5, told.Count);
        });

        Assert.Equal(Enumerable.Range(0, 5).Select(n => $"Text {n}"), told);
        Assert.IsType<FeedRead.OutOfRange>(await server.Get<InboundFeed>().ReadAfterAsync(position with { Timeline = 99 }, 2, default));
    }

    /// <summary>A text that the provider took.</summary>
    private async Task<MessageId> SendAsync(string campaign, string body, Guid? sender = null)
    {
        var message = Message(campaign, body);
        var claimed = (await server.Bench.Ledger.ClaimAsync(
            [new ClaimEntry(message, RowFacts.NoRow, server.Account, sender ?? server.SenderId)], new ClaimBatch(Guid.CreateVersion7(), Guid.CreateVersion7()), default)).Single();
        await server.Bench.RecordAsync(message, claimed.Row, new ClaimOutcome.Taken(Ledger.LedgerBench.NewSid()));
        return message.Id;
    }

    private Task QueueAsync(string campaign, string body) => server.Bench.Ledger.EnqueueAsync([Message(campaign, body)], default);

    private AcceptedMessage Message(string campaign, string body) => new(
        new MessageId(Guid.CreateVersion7()), server.Tenant, _number, Purpose.Marketing, 1, campaign, "ref", null, [1], new RequestRecord { Body = body }.ToByteArray());

    private async Task<List<JsonElement>> ConversationAsync(int limit = 50)
    {
        var texts = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var (status, page) = await server.CallAsync(HttpMethod.Get, $"/v1/conversations/{_number}?limit={limit}{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.Equal(HttpStatusCode.OK, status);
            texts.AddRange(page.GetProperty("texts").EnumerateArray());
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        return texts;
    }

    /// <summary>The newest of this number.</summary>
    private async Task<string> ReviewAsync(string state)
    {
        var (_, page) = await server.CallAsync(HttpMethod.Get, $"/v1/reviews?state={state}&limit=200");
        return page.GetProperty("reviews").EnumerateArray().First(review => review.GetProperty("number").GetString() == _number.ToString()).GetProperty("id").GetString()!;
    }

    private Task<bool> IsSuppressedAsync() => server.IsSuppressedAsync(_number);

    private Task<string?> EvidenceAsync() => server.Bench.ScalarAsync<string>(
        $"SELECT string_agg(kind || ' ' || actor, ',' ORDER BY id) FROM consent_records WHERE number = {_number.Digits}");
}
