using System.Net;
using System.Text.Json;
using SmsCrm.IntegrationTests.Ledger;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.IntegrationTests.Server;

/// <summary><c>GET /v1/ledger</c>.</summary>
public sealed class LedgerReportTests(CrmServer server) : IClassFixture<CrmServer>
{
    [Fact]
    public async Task A_campaigns_day_balances_whatever_became_of_its_messages_whether_folded_or_not()
    {
        await MakeOneOfEachAsync("every");
        var before = Line((await server.GetAsync("/v1/ledger?campaign_id=every")).Body);
        while (await server.Bench.Get<CountFolder>().FoldOnceAsync(default))
        {
        }

        await server.Bench.DeferAsync(server.Bench.NewMessage(campaign: "every"), RowFacts.NoRow, Reason.QuietHours);
        var after = Line((await server.GetAsync("/v1/ledger?campaign_id=every")).Body);

        AssertLine(before, accepted: 9, sent: 3, rejected: 2, waiting: 2, failed: 1, uncertain: 1);
        AssertLine(after, accepted: 10, sent: 3, rejected: 2, waiting: 3, failed: 1, uncertain: 1);
        var sent = after.GetProperty("sent");
        Assert.Equal((1, 1, 1), (Number(sent, "delivered"), Number(sent, "undelivered"), Number(sent, "no_receipt_yet")));
        Assert.Equal([("cancelled", null), ("rejected", "suppressed")], Reasons(after, "rejected").Order());
        Assert.Equal([("deferred", "pacing"), ("deferred", "quiet_hours"), ("queued", null)], Reasons(after, "waiting").Order());
        var failed = Assert.Single(after.GetProperty("failed").GetProperty("reasons").EnumerateArray());
        Assert.Equal(("provider_refused", 21211), (failed.GetProperty("reason").GetString(), Number(failed, "provider_code")));
    }

    [Fact]
    public async Task A_message_stands_on_its_tenants_own_day_of_acceptance_and_balances_there()
    {
        var today = server.Today;
        foreach (var ahead in new[] { -1, 0, 1 })
        {
            server.Bench.DaysAhead = ahead;
            await server.Bench.DeferAsync(server.Bench.NewMessage(campaign: "zones"), RowFacts.NoRow, Reason.QuietHours);
            await server.Bench.Ledger.EnqueueAsync([server.Bench.NewMessage(campaign: "zones")], default);
        }

        server.Bench.DaysAhead = 0;
        var (_, ledger) = await server.GetAsync($"/v1/ledger?campaign_id=zones&from={today.AddDays(-1):yyyy-MM-dd}&to={today.AddDays(1):yyyy-MM-dd}");
        var (_, tomorrow) = await server.GetAsync($"/v1/ledger?campaign_id=zones&from={today.AddDays(1):yyyy-MM-dd}&to={today.AddDays(1):yyyy-MM-dd}");

        Assert.Equal(
            Enumerable.Range(-1, 3).Reverse().Select(ahead => ($"{today.AddDays(ahead):yyyy-MM-dd}", 2, true)),
            ledger.GetProperty("lines").EnumerateArray().Select(l => (l.GetProperty("day").GetString()!, Number(l, "accepted"), l.GetProperty("balances").GetBoolean())));
        AssertLine(Line(tomorrow), accepted: 2, sent: 0, rejected: 0, waiting: 2, failed: 0, uncertain: 0);
    }

    [Fact]
    public async Task What_waits_is_told_by_due_time()
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var due in new[] { now.AddMinutes(-1), now.AddMinutes(30), now.AddHours(5), now.AddHours(6) })
        {
            await server.Bench.Ledger.DeferAsync(
                [new DeferEntry(server.Bench.NewMessage(campaign: "due"), RowFacts.NoRow, Reason.Scheduled, due, server.Bench.Sender, null)], default);
        }

        var line = Line((await server.GetAsync("/v1/ledger?campaign_id=due")).Body);

        var due4 = Assert.Single(line.GetProperty("waiting").GetProperty("reasons").EnumerateArray()).GetProperty("due");
        Assert.Equal((1, 1, 2), (Number(due4, "overdue"), Number(due4, "next_hour"), Number(due4, "later")));
        Assert.Equal(now.AddMinutes(-1), due4.GetProperty("earliest").GetDateTimeOffset(), TimeSpan.FromMilliseconds(1));
        Assert.Equal(now.AddHours(6), due4.GetProperty("latest").GetDateTimeOffset(), TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task A_count_that_was_changed_and_a_wait_that_was_removed_do_not_balance()
    {
        var deferred = server.Bench.NewMessage(campaign: "broken");
        await server.Bench.DeferAsync(deferred, RowFacts.NoRow);
        await server.Bench.ScalarAsync<long>($"DELETE FROM waiting WHERE message_id = '{deferred.Id}'");

        var line = Line((await server.GetAsync("/v1/ledger?campaign_id=broken")).Body);

        Assert.False(line.GetProperty("balances").GetBoolean());
        Assert.Equal("1 counted as deferred for pacing, 0 wait for it", Assert.Single(line.GetProperty("differences").EnumerateArray()).GetString());
        await server.Bench.Ledger.CancelAsync(server.Bench.Tenant, [deferred.Id], Reason.None, default);
    }

    [Fact]
    public async Task Pages_hold_every_line_once_and_the_total_of_all()
    {
        foreach (var campaign in new[] { "page-b", "page-a", "page-ü", "page-c" })
        {
            await server.Bench.Ledger.EnqueueAsync([server.Bench.NewMessage(campaign: campaign)], default);
        }

        var read = new List<string>();
        var cursor = "";
        do
        {
            var (_, page) = await server.GetAsync($"/v1/ledger?limit=1{cursor}");
            read.AddRange(page.GetProperty("lines").EnumerateArray().Select(l => $"{l.GetProperty("campaign_id").GetString()} {l.GetProperty("day").GetString()}"));
            Assert.True(Number(page.GetProperty("total"), "accepted") >= 4);
            cursor = page.TryGetProperty("next_cursor", out var next) ? $"&cursor={next.GetString()}" : "";
        }
        while (cursor.Length > 0);

        Assert.Equal(["page-a", "page-b", "page-c", "page-ü"], read.Where(c => c.StartsWith("page-", StringComparison.Ordinal)).Select(c => c.Split(' ')[0]));
        Assert.Equal(read.Distinct(), read);
    }

    [Fact]
    public async Task Another_tenant_sees_nothing_of_it_and_an_operator_sees_the_tenant_that_it_names()
    {
        await MakeOneOfEachAsync("mine");
        var operatorKey = await server.OperatorKeyAsync();

        var other = (await server.GetAsync("/v1/ledger?campaign_id=mine", server.OtherTenantKey)).Body;
        var named = (await server.GetAsync($"/v1/ledger?campaign_id=mine&tenant_id={server.Bench.Tenant}", operatorKey)).Body;
        var own = (await server.GetAsync($"/v1/ledger?campaign_id=mine&tenant_id={server.Bench.Tenant}")).Body;
        var foreign = await server.GetAsync($"/v1/ledger?tenant_id={server.Bench.Tenant}", server.OtherTenantKey);

        Assert.Empty(other.GetProperty("lines").EnumerateArray());
        Assert.Equal(0, Number(other.GetProperty("total"), "accepted"));
        Assert.Equal(9, Number(named.GetProperty("total"), "accepted"));
        Assert.Equal(named.ToString(), own.ToString());
        AssertRefused(foreign, "tenant_id", server.Bench.Tenant.ToString(), "leave it out");
    }

    [Fact]
    public async Task An_operator_must_name_a_tenant_that_there_is()
    {
        var key = await server.OperatorKeyAsync();

        AssertRefused(await server.GetAsync("/v1/ledger", key), "tenant_id", "", "add tenant_id");
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync("/v1/ledger?tenant_id=019aa000-0000-7000-8000-00000000dead", key)).Status);
    }

    [Theory]
    [InlineData("from=2026-02-30", "from", "2026-02-30", "it is a day of the tenant's time zone")]
    [InlineData("to=tomorrow", "to", "tomorrow", "it is a day of the tenant's time zone")]
    [InlineData("from=2026-03-02&to=2026-03-01", "from", "2026-03-02", "exchange them")]
    [InlineData("from=2026-01-01&to=2026-04-30", "from", "2026-01-01", "92 days at most")]
    [InlineData("from=2999-01-01", "from", "2999-01-01", "name an earlier day")]
    [InlineData("to=1999-12-31", "to", "1999-12-31", "2000 to 9000")]
    [InlineData("from=0001-01-01", "from", "0001-01-01", "2000 to 9000")]
    [InlineData("to=9999-12-31", "to", "9999-12-31", "2000 to 9000")]
    [InlineData("to=0001-01-02", "to", "0001-01-02", "2000 to 9000")]
    [InlineData("tenant_id=acme", "tenant_id", "acme", "it is a tenant's id")]
    [InlineData("campaign_id=", "campaign_id", "", "1 to 64 characters")]
    [InlineData("limit=201", "limit", "201", "from 1 to 200")]
    [InlineData("cursor=x", "cursor", "x", "begin again without it")]
    [InlineData("campaign=x", "campaign", "x", "campaign_id")]
    public async Task Bad_input_is_told_by_field_value_and_remedy(string query, string field, string value, string remedy) =>
        AssertRefused(await server.GetAsync($"/v1/ledger?{query}"), field, value, remedy);

    [Fact]
    public async Task It_is_documented_with_its_parameters_answers_and_errors()
    {
        using var answer = await server.GetRawAsync(server.HttpPort, "/openapi/v1.json");
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

        var operation = document.RootElement.GetProperty("paths").GetProperty("/v1/ledger").GetProperty("get");

        Assert.Equal(
            ["campaign_id", "cursor", "from", "limit", "tenant_id", "to"],
            operation.GetProperty("parameters").EnumerateArray().Select(p => p.GetProperty("name").GetString()).Order());
        Assert.Equal(["200", "400", "401", "404"], operation.GetProperty("responses").EnumerateObject().Select(r => r.Name).Order());
        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas");
        Assert.Superset(
            new HashSet<string> { "accepted", "sent", "rejected", "waiting", "failed", "uncertain", "sum", "balances" },
            schemas.GetProperty("LedgerLineView").GetProperty("properties").EnumerateObject().Select(p => p.Name).ToHashSet());
    }

    private static JsonElement Line(JsonElement ledger)
    {
        var line = Assert.Single(ledger.GetProperty("lines").EnumerateArray());
        Assert.Equal(Number(ledger.GetProperty("total"), "accepted"), Number(line, "accepted"));
        return line;
    }

    private static void AssertLine(JsonElement line, int accepted, int sent, int rejected, int waiting, int failed, int uncertain)
    {
        Assert.Equal(
            (accepted, sent, rejected, waiting, failed, uncertain),
            (Number(line, "accepted"), Part(line, "sent"), Part(line, "rejected"), Part(line, "waiting"), Part(line, "failed"), Number(line, "uncertain")));
        Assert.Equal(accepted, Number(line, "sum"));
        Assert.True(line.GetProperty("balances").GetBoolean(), line.ToString());
    }

    private static int Part(JsonElement line, string name) => Number(line.GetProperty(name), "messages");

    private static int Number(JsonElement of, string name) => of.GetProperty(name).GetInt32();

    private static IEnumerable<(string? State, string? Reason)> Reasons(JsonElement line, string part) =>
        line.GetProperty(part).GetProperty("reasons").EnumerateArray()
            .Select(r => (r.GetProperty("state").GetString(), r.TryGetProperty("reason", out var reason) ? reason.GetString() : null));

    private static void AssertRefused((HttpStatusCode Status, JsonElement Body) answer, string field, string value, string remedy)
    {
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        var error = Assert.Single(answer.Body.GetProperty("errors").EnumerateArray());
        Assert.Equal(field, error.GetProperty("field").GetString());
        Assert.Contains($"'{value}'", error.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains(remedy, error.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Queued, deferred, taken, delivered, undelivered, failed, uncertain, rejected, cancelled.</summary>
    private async Task MakeOneOfEachAsync(string campaign)
    {
        var bench = server.Bench;
        var messages = Enumerable.Range(0, 9).Select(_ => bench.NewMessage(campaign: campaign)).ToArray();
        await bench.Ledger.EnqueueAsync([messages[0]], default);
        await bench.DeferAsync(messages[1], RowFacts.NoRow);
        foreach (var (message, word) in new[] { (messages[2], "queued"), (messages[3], "delivered"), (messages[4], "undelivered") })
        {
            var sid = LedgerBench.NewSid();
            await bench.RecordAsync(message, (await bench.ClaimAsync(message, RowFacts.NoRow)).Row, new ClaimOutcome.Taken(sid));
            await bench.HearAsync(message, sid, word);
        }

        await bench.RecordAsync(messages[5], (await bench.ClaimAsync(messages[5], RowFacts.NoRow)).Row, new ClaimOutcome.Failed(Reason.ProviderRefused, 21211, "{}"));
        var unknown = await bench.RecordAsync(messages[6], (await bench.ClaimAsync(messages[6], RowFacts.NoRow)).Row, new ClaimOutcome.Unknown("lost"));
        await bench.Ledger.MarkUncertainAsync([(messages[6].Id, unknown.Row)], "nobody knows", default);
        await bench.Ledger.RejectAsync([new RejectEntry(messages[7], RowFacts.NoRow, new Verdict(Reason.Suppressed, "{}"))], default);
        await bench.Ledger.CancelSeenAsync([new CancelEntry(messages[8], RowFacts.NoRow)], default);
    }
}
