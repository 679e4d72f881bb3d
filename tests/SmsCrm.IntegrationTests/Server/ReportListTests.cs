using System.Globalization;
using System.Net;
using System.Text.Json;
using Npgsql;
using SmsCrm.IntegrationTests.Ledger;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Reports;

namespace SmsCrm.IntegrationTests.Server;

/// <summary>Every report over REST.</summary>
public sealed class ReportListTests(CrmServer server) : IClassFixture<CrmServer>
{
    private static readonly string[] Paths =
    [
        "/v1/reports/campaigns", "/v1/reports/days", "/v1/reports/hours", "/v1/reports/reasons", "/v1/reports/errors", "/v1/reports/senders",
        "/v1/reports/countries", "/v1/reports/costs", "/v1/reports/opt-outs",
        "/v1/reports/clicks", "/v1/reports/clicks-by-campaign",
    ];

    [Fact]
    public async Task A_campaign_is_told_with_what_became_of_it_and_what_it_cost_whether_folded_or_not()
    {
        await MakeOneOfEachAsync("all of it");
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
        await MakeOneOfEachAsync("reasons");

        var reasons = Lines((await server.GetAsync("/v1/reports/reasons?campaign_id=reasons")).Body);
        var errors = Lines((await server.GetAsync("/v1/reports/errors?campaign_id=reasons")).Body);
        var costs = (await server.GetAsync("/v1/reports/costs?campaign_id=reasons")).Body;

        Assert.Equal(
            ["cancelled -", "failed provider_refused", "rejected suppressed"],
            reasons.Select(line => $"{Text(line, "state")} {(line.TryGetProperty("reason", out var reason) ? reason.GetString() : "-")}").Order());
        Assert.Equal(["21211 failed", "30003 undelivered"], errors.Select(line => $"{Text(line, "provider_code")} {Text(line, "state")}").Order());
        Assert.Equal("messages=4 segments=8 cost=0.0664", Figures(Assert.Single(Lines(costs)).GetProperty("figures"), "messages", "segments", "cost"));
        Assert.Equal(Today(TimeZoneInfo.Utc), Text(Lines(costs)[0], "day"));
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
        await MakeOneOfEachAsync("senders");

        var sender = Assert.Single(Lines((await server.GetAsync("/v1/reports/senders")).Body));
        var country = Assert.Single(Lines((await server.GetAsync("/v1/reports/countries")).Body));

        Assert.Equal(("78701", server.Bench.Sender.ToString(), "US"), (Text(sender, "sender"), Text(sender, "sender_id"), Text(country, "country")));
        Assert.Equal(sender.GetProperty("figures").ToString(), country.GetProperty("figures").ToString());
        var figures = sender.GetProperty("figures");
        Assert.Equal(figures.GetProperty("sent").GetInt64() * 2 * 8_300 / 3 * 4, (long)(figures.GetProperty("cost").GetDecimal() * 1_000_000));
    }

    [Fact]
    public async Task What_was_accepted_is_told_by_the_day_and_the_hour_of_acceptance()
    {
        await SetZoneAsync("UTC");
        await MakeOneOfEachAsync("accepted");

        var campaigns = (await server.GetAsync("/v1/reports/campaigns")).Body;
        var (_, days) = await ReadFreshAsync("/v1/reports/days");
        var (_, hours) = await ReadFreshAsync("/v1/reports/hours");

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
        await SetZoneAsync(zone);
        await server.Bench.ScalarAsync<int>($"DELETE FROM event_counts WHERE quarter < '2026-01-01' AND tenant_id = '{server.Bench.Tenant}'");
        foreach (var quarter in quarters.Split(' '))
        {
            await server.Bench.ScalarAsync<int>($"INSERT INTO event_counts VALUES ('{server.Bench.Tenant}', '{quarter}', 8, 1)");
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
        await SetZoneAsync("UTC");
        await server.Bench.ScalarAsync<int>(
            $"""
            INSERT INTO message_counts (tenant_id, day, campaign_id, state, reason, code, messages, segments, micros) VALUES
              ('{server.Bench.Tenant}', '2025-05-01', 'beside', 8, 0, 0, 5, 5, 100), ('{server.Bench.Tenant}', '2025-05-02', 'beside', 8, 0, 0, 7, 7, 200),
              ('{server.Bench.Tenant}', '2025-05-03', 'beside', 8, 0, 0, 11, 11, 300), ('{server.Bench.Tenant}', '2025-04-30', 'beside', 8, 0, 0, 1000, 0, 0);
            INSERT INTO event_counts VALUES ('{server.Bench.Tenant}', '2025-05-01T10:00Z', 8, 3), ('{server.Bench.Tenant}', '2025-05-04T10:00Z', 8, 9)
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
        await SetZoneAsync("Asia/Kolkata");
        await server.Bench.ScalarAsync<int>(
            $"""
            INSERT INTO link_counts (tenant_id, campaign_id, quarter, raw, human) VALUES
              ('{server.Bench.Tenant}', 'spring', '2025-07-01T18:15Z', 5, 3), ('{server.Bench.Tenant}', 'spring', '2025-07-01T18:30Z', 7, 2),
              ('{server.Bench.Tenant}', '', '2025-07-01T18:30Z', 1, 1), (gen_random_uuid(), 'spring', '2025-07-01T18:30Z', 100, 100)
            """);

        var days = (await server.GetAsync("/v1/reports/clicks?from=2025-07-01&to=2025-07-02")).Body;
        var ofSpring = (await server.GetAsync("/v1/reports/clicks?from=2025-07-01&to=2025-07-02&campaign_id=spring")).Body;
        var campaigns = (await server.GetAsync("/v1/reports/clicks-by-campaign?from=2025-07-01&to=2025-07-01")).Body;
        var before = (await server.GetAsync("/v1/reports/clicks-by-campaign?from=2025-07-02&to=2025-07-02&compare=previous")).Body;

        Assert.Equal(["5/3", "8/3"], Lines(days).Select(Clicks));
        Assert.Equal(["5/3", "7/2"], Lines(ofSpring).Select(Clicks));
        Assert.Equal([" 1/1", "spring 12/5"], Lines(campaigns).Select(line => $"{Text(line, "campaign_id")} {Clicks(line)}").Order());
        Assert.Equal(13, Number(before.GetProperty("previous"), "clicks"));

        static string Clicks(JsonElement line) => $"{Text(line.GetProperty("figures"), "clicks")}/{Text(line.GetProperty("figures"), "human_clicks")}";
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
    }

    [Fact]
    public async Task Who_stopped_and_who_came_back_is_told_by_day()
    {
        await SetZoneAsync("Asia/Kolkata");
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

    [Fact]
    public async Task Another_tenant_sees_nothing_of_it()
    {
        await MakeOneOfEachAsync("mine alone");

        foreach (var path in Paths)
        {
            var (status, report) = await server.GetAsync(path, server.OtherTenantKey);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.All(report.GetProperty("total").EnumerateObject(), figure => Assert.Equal(0m, figure.Value.GetDecimal()));
        }

        var export = await (await server.OpenAsync("/v1/reports/messages", server.OtherTenantKey)).Content.ReadAsStringAsync();
        Assert.Single(export.Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Csv_is_given_by_format_or_accept_with_what_is_special_quoted_and_formulas_made_text()
    {
        string[] campaigns = ["=HYPERLINK(\"http://x\")", "a,b \"c\"\r\nd", "ünïcode 短信"];
        foreach (var campaign in campaigns)
        {
            await server.Bench.Ledger.EnqueueAsync([server.Bench.NewMessage(campaign: campaign)], default);
        }

        using var byFormat = await server.OpenAsync("/v1/reports/campaigns?format=csv&limit=1");
        using var byAccept = await server.OpenAsync("/v1/reports/campaigns?limit=1", null, ("Accept", "application/json;q=0.5, text/csv"));
        var text = await byFormat.Content.ReadAsStringAsync();

        Assert.Equal("text/csv; charset=utf-8", byFormat.Content.Headers.ContentType!.ToString());
        Assert.EndsWith(".csv", byFormat.Content.Headers.ContentDisposition!.FileName, StringComparison.Ordinal);
        Assert.Equal(text, await byAccept.Content.ReadAsStringAsync());
        Assert.StartsWith("campaign_id,accepted,waiting,sent,delivered,undelivered,failed,rejected,uncertain,segments,cost\r\n", text, StringComparison.Ordinal);
        Assert.True(text.Contains("\"'=HYPERLINK(\"\"http://x\"\")\",1,1,0,0,0,0,0,0,0,0.000000\r\n", StringComparison.Ordinal), text);
        Assert.Contains("\"a,b \"\"c\"\"\r\nd\",1,1,", text, StringComparison.Ordinal);
        Assert.Contains("ünïcode 短信,1,1,", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_report_has_as_many_fields_in_each_line_of_csv_as_in_its_header()
    {
        await MakeOneOfEachAsync("fields");

        foreach (var path in Paths)
        {
            foreach (var compare in new[] { "", "&compare=previous" })
            {
                var lines = (await (await server.OpenAsync($"{path}?format=csv{compare}")).Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
                    .Where(line => !line.Contains('"', StringComparison.Ordinal)).ToList();
                Assert.All(lines, line => Assert.Equal(lines[0].Count(c => c == ','), line.Count(c => c == ',')));
            }
        }
    }

    [Fact]
    public async Task Messages_are_exported_oldest_first_over_any_number_of_pages()
    {
        await SetZoneAsync("UTC");
        const int Messages = 12_003;
        foreach (var batch in Enumerable.Range(0, Messages).Select(_ => server.Bench.NewMessage(campaign: "export")).Chunk(1_000))
        {
            await server.Bench.Ledger.EnqueueAsync(batch, default);
        }

        using var answer = await server.OpenAsync("/v1/reports/messages?campaign_id=export&state=queued");
        var lines = (await answer.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(Messages + 1, lines.Length);
        var ids = lines.Skip(1).Select(line => line[..36]).ToList();
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(Messages, ids.Distinct().Count());
        Assert.Contains(",+14155550123,US,", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_is_kept_for_seconds_says_its_age_and_is_304_while_the_figures_are_the_same()
    {
        const string Path = "/v1/reports/campaigns?campaign_id=kept";
        await server.Bench.Ledger.EnqueueAsync([server.Bench.NewMessage(campaign: "kept")], default);
        using var first = await server.OpenAsync(Path);
        var tag = first.Headers.ETag!.ToString();
        var asOf = JsonDocument.Parse(await first.Content.ReadAsStringAsync()).RootElement.GetProperty("as_of").GetDateTimeOffset();

        using var same = await server.OpenAsync(Path, null, ("If-None-Match", tag));
        await server.Bench.Ledger.EnqueueAsync([server.Bench.NewMessage(campaign: "kept")], default);
        var changedAt = (await server.Bench.ScalarAsync<DateTime>("SELECT now()"))!;

        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.True(first.Headers.CacheControl is { Private: true, MaxAge.TotalSeconds: >= 0 and <= 5 } or { Private: true, NoCache: true }, first.Headers.CacheControl?.ToString());
        Assert.Contains("Accept", first.Headers.Vary);

        // What is older than the change says so, until the change is there.
        await TestKit.Eventually.PassesAsync(async () =>
        {
            using var later = await server.OpenAsync(Path, null, ("If-None-Match", tag));
            if (later.StatusCode == HttpStatusCode.OK)
            {
                var report = JsonDocument.Parse(await later.Content.ReadAsStringAsync()).RootElement;
                Assert.True(Number(report.GetProperty("total"), "accepted") == 2 || report.GetProperty("as_of").GetDateTimeOffset() < changedAt);
                Assert.NotEqual(tag, later.Headers.ETag!.ToString());
            }

            Assert.Equal(HttpStatusCode.OK, later.StatusCode);
        });
        Assert.True(asOf < changedAt);
    }

    [Theory]
    [InlineData("campaigns?from=2026-02-30", "from", "2026-02-30", "it is a day in UTC")]
    [InlineData("days?from=2026-02-30", "from", "2026-02-30", "of your time zone")]
    [InlineData("campaigns?from=2026-03-02&to=2026-03-01", "from", "2026-03-02", "exchange them")]
    [InlineData("days?from=2026-01-01&to=2026-04-30", "from", "2026-01-01", "92 days at most")]
    [InlineData("hours?from=2026-01-01&to=2026-02-28", "from", "2026-01-01", "31 days at most")]
    [InlineData("reasons?from=2999-01-01", "from", "2999-01-01", "name an earlier day")]
    [InlineData("costs?to=0001-01-01", "to", "0001-01-01", "2000 to 9000")]
    [InlineData("errors?compare=last", "compare", "last", "'previous'")]
    [InlineData("senders?format=xlsx", "format", "xlsx", "json or csv")]
    [InlineData("countries?limit=1001", "limit", "1001", "from 1 to 1000")]
    [InlineData("senders?campaign_id=x", "campaign_id", "x", "knows only")]
    [InlineData("campaigns?campaign_id=", "campaign_id", "", "1 to 64 characters")]
    [InlineData("campaigns?campaign_id=a%00b", "campaign_id", "a\0b", "NUL")]
    [InlineData("summary?compare=previous", "compare", "previous", "both 'from' and 'to'")]
    [InlineData("summary?from=2026-01-01&to=2026-04-30&compare=last", "compare", "last", "'previous'")]
    [InlineData("messages?format=json", "format", "json", "/v1/messages")]
    [InlineData("messages?state=gone", "state", "gone", "it is one of")]
    public async Task Bad_input_is_told_by_field_value_and_remedy(string query, string field, string value, string remedy)
    {
        var (status, problem) = await server.GetAsync($"/v1/reports/{query}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        var error = Assert.Single(problem.GetProperty("errors").EnumerateArray());
        Assert.Equal(field, error.GetProperty("field").GetString());
        Assert.Contains($"'{value}'", error.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains(remedy, error.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenants_time_zone_is_set_by_operators_and_must_exist()
    {
        var key = await server.OperatorKeyAsync();
        var made = await server.CallAsync(HttpMethod.Post, "/v1/operator/tenants", """{"name":"Zoned","time_zone":"America/St_Johns"}""", key);
        var id = made.Body.GetProperty("id").GetString();

        var moved = await server.CallAsync(HttpMethod.Put, $"/v1/operator/tenants/{id}", """{"name":"Zoned","time_zone":"Asia/Kolkata"}""", key);
        var wrong = await server.CallAsync(HttpMethod.Put, $"/v1/operator/tenants/{id}", """{"name":"Zoned","time_zone":"Mars/Olympus"}""", key);

        Assert.Equal(("America/St_Johns", "Asia/Kolkata"), (Text(made.Body, "time_zone"), Text(moved.Body, "time_zone")));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Contains("time_zone is 'Mars/Olympus'", wrong.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static List<JsonElement> Lines(JsonElement report) => [.. report.GetProperty("lines").EnumerateArray()];

    private static string Text(JsonElement of, string name) => of.GetProperty(name).ToString();

    private static long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();

    private static string Figures(JsonElement figures, params string[] names) => string.Join(' ', names.Select(name => $"{name}={figures.GetProperty(name)}"));

    private static string Today(TimeZoneInfo zone) =>
        LocalTime.DayAt(TimeProvider.System.GetUtcNow(), zone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

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

    private async Task SetZoneAsync(string zone)
    {
        await using var update = server.Bench.Postgres.CreateCommand("UPDATE tenants SET time_zone = $1 WHERE id = $2");
        update.Parameters.Add(new NpgsqlParameter<string> { TypedValue = zone });
        update.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = server.Bench.Tenant.Value });
        await update.ExecuteNonQueryAsync();
    }

    private async Task FoldAsync()
    {
        while (await server.Bench.Get<CountFolder>().FoldOnceAsync(default))
        {
        }
    }

    /// <summary>Queued, taken, delivered, undelivered, failed, uncertain, rejected, cancelled; each of two segments.</summary>
    private async Task MakeOneOfEachAsync(string campaign)
    {
        var bench = server.Bench;
        var messages = Enumerable.Range(0, 8).Select(_ => bench.NewMessage(campaign: campaign)).ToArray();
        await bench.Ledger.EnqueueAsync([messages[0]], default);
        foreach (var (message, word) in new[] { (messages[1], "queued"), (messages[2], "delivered"), (messages[3], "undelivered") })
        {
            var sid = LedgerBench.NewSid();
            await bench.RecordAsync(message, (await bench.ClaimAsync(message, RowFacts.NoRow)).Row, new ClaimOutcome.Taken(sid));
            await bench.HearAsync(message, sid, word, word == "undelivered" ? 30003 : 0);
        }

        await bench.RecordAsync(messages[4], (await bench.ClaimAsync(messages[4], RowFacts.NoRow)).Row, new ClaimOutcome.Failed(Reason.ProviderRefused, 21211, "{}"));
        var unknown = await bench.RecordAsync(messages[5], (await bench.ClaimAsync(messages[5], RowFacts.NoRow)).Row, new ClaimOutcome.Unknown("lost"));
        await bench.Ledger.MarkUncertainAsync([(messages[5].Id, unknown.Row)], "nobody knows", default);
        await bench.Ledger.RejectAsync([new RejectEntry(messages[6], RowFacts.NoRow, new Verdict(Reason.Suppressed, "{}"))], default);
        await bench.Ledger.CancelSeenAsync([new CancelEntry(messages[7], RowFacts.NoRow)], default);
    }
}
