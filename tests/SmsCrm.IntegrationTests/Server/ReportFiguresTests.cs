using System.Net;
using System.Text.Json;
using SmsCrm.Pipeline.Ledger;
using static SmsCrm.IntegrationTests.Server.ReportSteps;

namespace SmsCrm.IntegrationTests.Server;

/// <summary>What each report tells.</summary>
public sealed class ReportFiguresTests(CrmServer server) : IClassFixture<CrmServer>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await server.SetZoneAsync("UTC");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_campaign_is_told_with_what_became_of_it_and_what_it_cost_whether_folded_or_not()
    {
        await server.MakeOneOfEachAsync("all of it");
        var (_, before) = await server.GetAsync("/v1/reports/campaigns?campaign_id=all%20of%20it");
        await FoldAsync();
        var (_, after) = await server.GetAsync("/v1/reports/campaigns?campaign_id=all%20of%20it&limit=10");

        foreach (var report in new[] { before, after })
        {
            var line = Assert.Single(Lines(report));
            Assert.Equal("all of it", line.GetProperty("campaign_id").GetString());
            Assert.Equal(
                "accepted=8 waiting=1 sent=3 delivered=1 undelivered=1 failed=1 rejected=2 uncertain=1 segments=8 cost=0.0664",
                Figures(line.GetProperty("figures"), "accepted", "waiting", "sent", "delivered", "undelivered", "failed", "rejected", "uncertain", "segments", "cost"));
            Assert.Equal(line.GetProperty("figures").ToString(), report.GetProperty("total").ToString());
        }
    }

    [Fact]
    public async Task Reasons_and_errors_are_told_by_campaign_and_costs_by_day()
    {
        await server.MakeOneOfEachAsync("reasons");

        var reasons = Lines((await server.GetAsync("/v1/reports/reasons?campaign_id=reasons")).Body);
        var errors = Lines((await server.GetAsync("/v1/reports/errors?campaign_id=reasons")).Body);
        var costs = (await server.GetAsync("/v1/reports/costs?campaign_id=reasons")).Body;

        Assert.Equal(
            ["cancelled -", "failed provider_refused", "rejected suppressed"],
            reasons.Select(line => $"{Text(line, "state")} {(line.TryGetProperty("reason", out var reason) ? reason.GetString() : "-")}").Order());
        Assert.Equal(["21211 failed", "30003 undelivered"], errors.Select(line => $"{Text(line, "provider_code")} {Text(line, "state")}").Order());
        Assert.Equal("messages=4 segments=8 cost=0.0664", Figures(Assert.Single(Lines(costs)).GetProperty("figures"), "messages", "segments", "cost"));
        Assert.Equal($"{server.Today:yyyy-MM-dd}", Text(Lines(costs)[0], "day"));
    }

    [Fact]
    public async Task Senders_and_countries_tell_what_was_sent_and_its_cost()
    {
        await using var insert = server.Bench.Postgres.CreateCommand(
            $"""
            INSERT INTO provider_accounts (id, tenant_id, name, account_sid, auth_token_sealed, base_address)
              VALUES ('{server.Bench.Account}', '{server.Bench.Tenant}', 'main', 'AC00000000000000000000000000000001', '', 'http://x') ON CONFLICT DO NOTHING;
            INSERT INTO senders (id, tenant_id, account_id, address, kind, segments_per_second)
              VALUES ('{server.Bench.Sender}', '{server.Bench.Tenant}', '{server.Bench.Account}', '78701', 'short_code', 10) ON CONFLICT DO NOTHING
            """);
        await insert.ExecuteNonQueryAsync();
        await server.MakeOneOfEachAsync("senders");

        var sender = Assert.Single(Lines((await server.GetAsync("/v1/reports/senders")).Body));
        var country = Assert.Single(Lines((await server.GetAsync("/v1/reports/countries")).Body));

        Assert.Equal(("78701", server.Bench.Sender.ToString(), "US"), (Text(sender, "sender"), Text(sender, "sender_id"), Text(country, "country")));
        Assert.Equal(sender.GetProperty("figures").ToString(), country.GetProperty("figures").ToString());
        var figures = sender.GetProperty("figures");
        Assert.Equal(figures.GetProperty("sent").GetInt64() * 2 * 8_300 / 3 * 4, (long)(figures.GetProperty("cost").GetDecimal() * 1_000_000));
    }

    [Fact]
    public async Task Reports_of_what_was_accepted_are_of_the_tenants_own_days()
    {
        await server.SetZoneAsync("Pacific/Kiritimati");
        server.Bench.DaysAhead = 1;
        await server.MakeOneOfEachAsync("ahead of us");
        server.Bench.DaysAhead = 0;
        var tomorrow = $"{server.Today.AddDays(1):yyyy-MM-dd}";

        foreach (var report in new[] { "campaigns", "reasons", "errors", "costs" })
        {
            var (_, told) = await ReadFreshAsync($"/v1/reports/{report}?campaign_id=ahead%20of%20us&from={tomorrow}&to={tomorrow}");
            Assert.Equal(("Pacific/Kiritimati", true), (Text(told, "time_zone"), Lines(told).Count > 0));
        }

        var (_, costs) = await ReadFreshAsync($"/v1/reports/costs?campaign_id=ahead%20of%20us&to={tomorrow}");
        Assert.Equal(tomorrow, Text(Assert.Single(Lines(costs)), "day"));
    }

    [Fact]
    public async Task What_was_accepted_is_told_by_the_day_and_the_hour_of_acceptance()
    {
        await server.MakeOneOfEachAsync("accepted");

        // The days of other tests' messages reach to tomorrow, as they do where the tenant's clock is ahead.
        var to = $"to={DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(1):yyyy-MM-dd}";
        var (_, campaigns) = await ReadFreshAsync($"/v1/reports/campaigns?{to}");
        var (_, days) = await ReadFreshAsync($"/v1/reports/days?{to}");
        var (_, hours) = await ReadFreshAsync($"/v1/reports/hours?{to}");

        var accepted = Number(campaigns.GetProperty("total"), "accepted");
        Assert.Equal((accepted, accepted), (Number(days.GetProperty("total"), "accepted"), Number(hours.GetProperty("total"), "accepted")));
        Assert.Equal(accepted, Lines(days).Sum(line => Number(line.GetProperty("figures"), "accepted")));
        Assert.Equal(accepted, Lines(hours).Sum(line => Number(line.GetProperty("figures"), "accepted")));
    }

    [Theory]
    [InlineData("UTC", "2025-03-09T00:00Z 2025-03-09T23:45Z 2025-03-10T00:00Z", "2025-03-09:2 2025-03-10:1", "0:1 23:1")]
    [InlineData("Asia/Kolkata", "2025-03-08T18:15Z 2025-03-08T18:30Z 2025-03-09T18:15Z", "2025-03-09:2 2025-03-10:0", "0:1 23:1")]
    [InlineData("America/St_Johns", "2025-03-09T03:15Z 2025-03-09T03:30Z 2025-03-10T02:15Z 2025-03-10T02:30Z", "2025-03-09:2 2025-03-10:1", "0:1 23:1")]
    [InlineData("America/St_Johns", "2025-03-09T05:15Z 2025-03-09T05:30Z", "2025-03-09:2 2025-03-10:0", "1:1 3:1")]
    [InlineData("Asia/Kathmandu", "2025-03-08T18:00Z 2025-03-08T18:15Z", "2025-03-09:1 2025-03-10:0", "0:1")]
    public async Task Days_and_hours_are_the_tenants_own(string zone, string quarters, string days, string hours)
    {
        await server.SetZoneAsync(zone);
        await server.Bench.ScalarAsync<int>($"DELETE FROM event_quarters WHERE quarter < '2026-01-01' AND tenant_id = '{server.Bench.Tenant}'");
        foreach (var quarter in quarters.Split(' '))
        {
            await server.Bench.ScalarAsync<int>($"INSERT INTO event_quarters (tenant_id, quarter, delivered) VALUES ('{server.Bench.Tenant}', '{quarter}', 1)");
        }

        var (_, dayReport) = await ReadFreshAsync("/v1/reports/days?from=2025-03-09&to=2025-03-10");
        var (_, hourReport) = await ReadFreshAsync("/v1/reports/hours?from=2025-03-09&to=2025-03-09");

        Assert.Equal(zone, Text(dayReport, "time_zone"));
        Assert.Equal(days, string.Join(' ', Lines(dayReport).Select(line => $"{Text(line, "day")}:{Text(line.GetProperty("figures"), "delivered")}")));
        Assert.Equal(
            hours,
            string.Join(' ', Lines(hourReport).Where(line => Text(line.GetProperty("figures"), "delivered") != "0")
                .Select(line => $"{line.GetProperty("start").GetDateTimeOffset().Hour}:{Text(line.GetProperty("figures"), "delivered")}")));
    }

    [Fact]
    public async Task The_range_before_is_laid_beside_line_by_line()
    {
        await server.Bench.ScalarAsync<int>(
            $"""
            INSERT INTO message_counts (tenant_id, day, campaign_id, state, reason, code, messages, segments, micros) VALUES
              ('{server.Bench.Tenant}', '2025-05-01', 'beside', 8, 0, 0, 5, 5, 100), ('{server.Bench.Tenant}', '2025-05-02', 'beside', 8, 0, 0, 7, 7, 200),
              ('{server.Bench.Tenant}', '2025-05-03', 'beside', 8, 0, 0, 11, 11, 300), ('{server.Bench.Tenant}', '2025-04-30', 'beside', 8, 0, 0, 1000, 0, 0);
            INSERT INTO event_quarters (tenant_id, quarter, delivered) VALUES
              ('{server.Bench.Tenant}', '2025-05-01T10:00Z', 3), ('{server.Bench.Tenant}', '2025-05-04T10:00Z', 9)
            """);

        var (_, campaigns) = await server.GetAsync("/v1/reports/campaigns?from=2025-05-02&to=2025-05-03&compare=previous&campaign_id=beside");
        var (_, days) = await server.GetAsync("/v1/reports/days?from=2025-05-04&to=2025-05-06&compare=previous");
        var (_, hours) = await server.GetAsync("/v1/reports/hours?from=2025-05-04&to=2025-05-06&compare=previous");

        Assert.Equal(("2025-04-30", "2025-05-01"), (Text(campaigns, "compared_from"), Text(campaigns, "compared_to")));
        var line = Assert.Single(Lines(campaigns));
        Assert.Equal((18, 1_005), (Number(line.GetProperty("figures"), "accepted"), Number(line.GetProperty("previous"), "accepted")));
        Assert.Equal(1_005, Number(campaigns.GetProperty("previous"), "accepted"));
        Assert.Equal(["9/3", "0/0", "0/0"], Lines(days).Select(l => $"{Text(l.GetProperty("figures"), "delivered")}/{Text(l.GetProperty("previous"), "delivered")}"));
        Assert.Equal((72, 9, 3), (Lines(hours).Count, Number(hours.GetProperty("total"), "delivered"), Number(hours.GetProperty("previous"), "delivered")));
    }

    [Fact]
    public async Task Clicks_are_told_by_the_tenants_days_and_by_campaign_with_those_of_people_apart()
    {
        await server.SetZoneAsync("Asia/Kolkata");
        await server.Bench.ScalarAsync<int>(
            $"""
            INSERT INTO link_counts (tenant_id, campaign_id, quarter, raw, human, clickers) VALUES
              ('{server.Bench.Tenant}', 'spring', '2025-07-01T18:15Z', 5, 3, 2), ('{server.Bench.Tenant}', 'spring', '2025-07-01T18:30Z', 7, 2, 1),
              ('{server.Bench.Tenant}', '', '2025-07-01T18:30Z', 1, 1, 1), (gen_random_uuid(), 'spring', '2025-07-01T18:30Z', 100, 100, 100);
            INSERT INTO campaign_names (tenant_id, campaign_id, name, named_by) VALUES
              ('{server.Bench.Tenant}', 'spring', 'Spring sale', gen_random_uuid()), (gen_random_uuid(), 'spring', 'Another tenant''s', gen_random_uuid())
            """);

        var days = (await server.GetAsync("/v1/reports/clicks?from=2025-07-01&to=2025-07-02")).Body;
        var ofSpring = (await server.GetAsync("/v1/reports/clicks?from=2025-07-01&to=2025-07-02&campaign_id=spring")).Body;
        var campaigns = (await server.GetAsync("/v1/reports/clicks-by-campaign?from=2025-07-02&to=2025-07-02")).Body;
        var compared = (await server.GetAsync("/v1/reports/clicks-by-campaign?from=2025-07-02&to=2025-07-02&compare=previous")).Body;

        Assert.Equal(["5/3/2", "8/3/2"], Lines(days).Select(Clicks));
        Assert.Equal(["5/3/2", "7/2/1"], Lines(ofSpring).Select(Clicks));
        Assert.Equal([" 1/1/1", "spring 7/2/1"], Lines(campaigns).Select(line => $"{Text(line, "campaign_id")} {Clicks(line)}").Order());
        Assert.Equal("Spring sale", Text(Lines(campaigns)[0], "campaign_name"));
        Assert.Equal((8, 5), (Number(compared.GetProperty("total"), "clicks"), Number(compared.GetProperty("previous"), "clicks")));

        using var csv = await server.OpenAsync("/v1/reports/clicks-by-campaign?from=2025-07-02&to=2025-07-02&campaign_id=spring&format=csv");
        Assert.Equal("campaign_id,campaign_name,clicks,human_clicks,unique_clicks\r\nspring,Spring sale,7,2,1\r\n", await csv.Content.ReadAsStringAsync());

        static string Clicks(JsonElement line) => string.Join('/', new[] { "clicks", "human_clicks", "unique_clicks" }.Select(figure => Text(line.GetProperty("figures"), figure)));
    }

    [Fact]
    public async Task The_summary_is_compared_and_exported_too()
    {
        await server.Bench.ScalarAsync<int>(
            $"""
            INSERT INTO message_counts (tenant_id, day, campaign_id, state, reason, code, messages, segments) VALUES
              ('{server.Bench.Tenant}', '2025-08-01', 'sum', 8, 0, 0, 5, 6), ('{server.Bench.Tenant}', '2025-08-02', 'sum', 7, 0, 30003, 7, 7),
              ('{server.Bench.Tenant}', '2025-07-30', 'sum', 8, 0, 0, 3, 3), ('{server.Bench.Tenant}', '2025-07-29', 'sum', 8, 0, 0, 1000, 0)
            """);

        var (_, summary) = await server.GetAsync("/v1/reports/summary?campaign_id=sum&from=2025-08-01&to=2025-08-02&compare=previous");
        using var csv = await server.OpenAsync("/v1/reports/summary?campaign_id=sum&from=2025-08-01&to=2025-08-02&format=csv");

        Assert.Equal(12, Number(summary, "accepted"));
        Assert.Equal(("2025-07-30", "2025-07-31", 3), (Text(summary.GetProperty("previous"), "from"), Text(summary.GetProperty("previous"), "to"), Number(summary.GetProperty("previous"), "accepted")));
        Assert.Equal(summary.GetProperty("as_of").ToString(), summary.GetProperty("previous").GetProperty("as_of").ToString());
        Assert.Equal("state,messages,segments\r\nundelivered,7,7\r\ndelivered,5,6\r\n", await csv.Content.ReadAsStringAsync());
        using var compared = await server.OpenAsync("/v1/reports/summary?campaign_id=sum&from=2025-08-01&to=2025-08-02&format=csv&compare=previous");
        Assert.Equal(
            "state,messages,segments,previous_messages,previous_segments\r\nundelivered,7,7,0,0\r\ndelivered,5,6,3,3\r\n", await compared.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Who_stopped_and_who_came_back_is_told_by_day()
    {
        await server.SetZoneAsync("Asia/Kolkata");
        await server.Bench.ScalarAsync<int>(
            $"""
            INSERT INTO consent_records (tenant_id, number, purpose, kind, at, source, actor) VALUES
              ('{server.Bench.Tenant}', 1, 0, 'suppressed', '2025-06-01T18:29Z', 'x', 'x'), ('{server.Bench.Tenant}', 1, 0, 'suppressed', '2025-06-01T18:29Z', 'x', 'x'),
              ('{server.Bench.Tenant}', 2, 0, 'suppressed', '2025-06-01T18:30Z', 'x', 'x'), ('{server.Bench.Tenant}', 2, 0, 'lifted', '2025-06-02T18:29Z', 'x', 'x'),
              ('{server.Bench.Tenant}', 3, 0, 'given', '2025-06-01T18:30Z', 'x', 'x')
            """);

        var (_, report) = await server.GetAsync("/v1/reports/opt-outs?from=2025-06-01&to=2025-06-02");

        Assert.Equal(
            ["2025-06-01 1 0", "2025-06-02 1 1"],
            Lines(report).Select(l => $"{Text(l, "day")} {Text(l.GetProperty("figures"), "opt_outs")} {Text(l.GetProperty("figures"), "opt_ins")}"));
    }

    /// <summary>Past what was kept of an earlier case.</summary>
    private async Task<(HttpStatusCode Status, JsonElement Body)> ReadFreshAsync(string path)
    {
        var asked = await server.Bench.ScalarAsync<DateTime>("SELECT now()");
        (HttpStatusCode Status, JsonElement Body) answer = default;
        await TestKit.Eventually.TrueAsync(async () =>
        {
            answer = await server.GetAsync(path);
            return answer.Body.GetProperty("as_of").GetDateTimeOffset() >= asked;
        });
        return answer;
    }

    private async Task FoldAsync()
    {
        while (await server.Bench.Get<CountFolder>().FoldOnceAsync(default))
        {
        }
    }
}
