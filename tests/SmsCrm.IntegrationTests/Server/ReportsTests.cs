using System.Net;
using System.Text.Json;
using SmsCrm.IntegrationTests.Ledger;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.IntegrationTests.Server;

public sealed class ReportsTests(CrmServer server) : IClassFixture<CrmServer>
{
    [Fact]
    public async Task A_message_shows_its_whole_timeline_in_order()
    {
        var message = await DeliveredAsync("timeline");

        var (status, body) = await server.GetAsync($"/v1/messages/{message.Id}");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("delivered", body.GetProperty("state").GetString());
        Assert.True(body.GetProperty("final").GetBoolean());
        Assert.Equal("+14155550123", body.GetProperty("to").GetString());
        Assert.Equal("timeline", body.GetProperty("campaign_id").GetString());
        Assert.Equal(2, body.GetProperty("segments").GetInt32());
        Assert.StartsWith("SM", body.GetProperty("provider_sid").GetString());
        Assert.Equal(["queued", "claimed", "taken", "sent", "delivered"], Kinds(body));
        Assert.False(body.TryGetProperty("waiting", out _));
    }

    [Fact]
    public async Task A_message_that_waits_says_why_and_until_when()
    {
        var message = server.Bench.NewMessage(campaign: "waits");
        await server.Bench.DeferAsync(message, RowFacts.NoRow, Reason.QuietHours);

        var (_, body) = await server.GetAsync($"/v1/messages/{message.Id}");

        Assert.Equal("quiet_hours", body.GetProperty("reason").GetString());
        Assert.Equal("quiet_hours", body.GetProperty("waiting").GetProperty("reason").GetString());
        Assert.Equal(DateTimeOffset.UnixEpoch.AddYears(60), body.GetProperty("waiting").GetProperty("due_at").GetDateTimeOffset());
    }

    [Fact]
    public async Task A_message_is_waited_for_while_it_is_young()
    {
        var message = server.Bench.NewMessage();

        var asking = server.GetAsync($"/v1/messages/{message.Id}");
        Assert.False(asking.IsCompleted);
        await server.Bench.Ledger.EnqueueAsync([message], default);

        Assert.Equal(HttpStatusCode.OK, (await asking).Status);
    }

    [Theory]
    [InlineData("01900000-0000-7000-8000-000000000000")]
    [InlineData("01900000-0000-4000-8000-000000000000")]
    [InlineData("nonsense")]
    public async Task An_id_that_is_nobodys_is_404_at_once(string id)
    {
        var (status, body) = await server.GetAsync($"/v1/messages/{id}");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains(id, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_tenant_sees_nothing_of_it()
    {
        var message = await DeliveredAsync("mine");

        var one = await server.GetAsync($"/v1/messages/{message.Id}", server.OtherTenantKey);
        var list = await server.GetAsync("/v1/messages?recipient=%2B14155550123", server.OtherTenantKey);
        var summary = await server.GetAsync("/v1/reports/summary?campaign_id=mine", server.OtherTenantKey);

        Assert.Equal(HttpStatusCode.NotFound, one.Status);
        Assert.Empty(list.Body.GetProperty("messages").EnumerateArray());
        Assert.Equal(0, summary.Body.GetProperty("accepted").GetInt64());
    }

    [Fact]
    public async Task Pages_give_every_message_once_newest_first()
    {
        var sent = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            var message = server.Bench.NewMessage(campaign: "pages");
            await server.Bench.Ledger.EnqueueAsync([message], default);
            sent.Add(message.Id.ToString());
        }

        var read = new List<string>();
        var cursor = "";
        do
        {
            var (_, page) = await server.GetAsync($"/v1/messages?campaign_id=pages&limit=3{cursor}");
            read.AddRange(page.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("id").GetString()!));
            cursor = page.TryGetProperty("next_cursor", out var next) ? $"&cursor={next.GetString()}" : "";
        }
        while (cursor.Length > 0);

        Assert.Equal(sent.OrderDescending(StringComparer.Ordinal), read);
    }

    [Fact]
    public async Task Filters_narrow_a_page_together()
    {
        await DeliveredAsync("filtered");
        await server.Bench.Ledger.EnqueueAsync([server.Bench.NewMessage(campaign: "filtered")], default);

        var (_, delivered) = await server.GetAsync("/v1/messages?campaign_id=filtered&state=delivered&recipient=%2B14155550123");
        var (_, nobody) = await server.GetAsync("/v1/messages?campaign_id=filtered&recipient=%2B14155550199");

        Assert.Equal("delivered", Assert.Single(delivered.GetProperty("messages").EnumerateArray()).GetProperty("state").GetString());
        Assert.Empty(nobody.GetProperty("messages").EnumerateArray());
    }

    [Fact]
    public async Task A_cursor_of_another_list_is_refused()
    {
        await DeliveredAsync("cursor");
        await DeliveredAsync("cursor");
        var (_, page) = await server.GetAsync("/v1/messages?campaign_id=cursor&limit=1");

        var (status, problem) = await server.GetAsync($"/v1/messages?campaign_id=other&limit=1&cursor={page.GetProperty("next_cursor").GetString()}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("cursor", Assert.Single(problem.GetProperty("errors").EnumerateArray()).GetProperty("field").GetString());
    }

    [Fact]
    public async Task The_summary_counts_by_state_and_reason_whether_folded_or_not()
    {
        await DeliveredAsync("summary");
        await server.Bench.Ledger.EnqueueAsync([server.Bench.NewMessage(campaign: "summary")], default);
        var before = (await server.GetAsync("/v1/reports/summary?campaign_id=summary")).Body;
        while (await server.Bench.Get<CountFolder>().FoldOnceAsync(default))
        {
        }

        var rejected = server.Bench.NewMessage(campaign: "summary");
        await server.Bench.Ledger.RejectAsync([new RejectEntry(rejected, RowFacts.NoRow, new Verdict(Reason.Suppressed, "{}"))], default);
        var after = (await server.GetAsync("/v1/reports/summary?campaign_id=summary")).Body;

        Assert.Equal(2, before.GetProperty("accepted").GetInt64());
        Assert.Equal(3, after.GetProperty("accepted").GetInt64());
        Assert.Equal(6, after.GetProperty("segments").GetInt64());
        Assert.Equal((1, 1, 1), (State(after, "queued"), State(after, "delivered"), State(after, "rejected")));
        var balance = after.GetProperty("balance");
        Assert.Equal((1, 1, 1), (balance.GetProperty("waiting").GetInt32(), balance.GetProperty("sent").GetInt32(), balance.GetProperty("rejected").GetInt32()));
        Assert.Equal("suppressed", Assert.Single(after.GetProperty("reasons").EnumerateArray()).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task The_summary_of_other_days_is_empty()
    {
        await DeliveredAsync("days");

        var (_, old) = await server.GetAsync("/v1/reports/summary?campaign_id=days&to=2020-01-01");
        var (status, _) = await server.GetAsync("/v1/reports/summary?from=2026-01-02&to=2026-01-01");

        Assert.Equal(0, old.GetProperty("accepted").GetInt64());
        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    private static IEnumerable<string?> Kinds(JsonElement message) =>
        message.GetProperty("timeline").EnumerateArray().Select(e => e.GetProperty("kind").GetString());

    private static int State(JsonElement summary, string state) => summary.GetProperty("states").GetProperty(state).GetProperty("messages").GetInt32();

    private async Task<AcceptedMessage> DeliveredAsync(string campaign)
    {
        var message = server.Bench.NewMessage(campaign: campaign);
        await server.Bench.Ledger.EnqueueAsync([message], default);
        var claimed = await server.Bench.ClaimAsync(message, await server.Bench.RowAsync(message));
        var sid = LedgerBench.NewSid();
        await server.Bench.RecordAsync(message, claimed.Row, new ClaimOutcome.Taken(sid));
        await server.Bench.HearAsync(message, sid, "sent");
        await server.Bench.HearAsync(message, sid, "delivered");
        return message;
    }
}
