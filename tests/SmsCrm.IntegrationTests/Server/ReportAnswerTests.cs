using System.Net;
using System.Text.Json;
using static SmsCrm.IntegrationTests.Server.ReportSteps;

namespace SmsCrm.IntegrationTests.Server;

/// <summary>How reports answer, whatever they tell: to whom, in which form, for how long, and what they refuse.</summary>
public sealed class ReportAnswerTests(CrmServer server) : IClassFixture<CrmServer>
{
    private static readonly string[] Paths =
    [
        "/v1/reports/campaigns", "/v1/reports/days", "/v1/reports/hours", "/v1/reports/reasons", "/v1/reports/errors", "/v1/reports/senders",
        "/v1/reports/countries", "/v1/reports/costs", "/v1/reports/opt-outs",
        "/v1/reports/clicks", "/v1/reports/clicks-by-campaign",
    ];

    [Fact]
    public async Task Another_tenant_sees_nothing_of_it()
    {
        await server.MakeOneOfEachAsync("mine alone");

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
        Assert.StartsWith("campaign_id,campaign_name,accepted,waiting,sent,delivered,undelivered,failed,rejected,uncertain,segments,cost\r\n", text, StringComparison.Ordinal);
        Assert.True(text.Contains("\"'=HYPERLINK(\"\"http://x\"\")\",\"\",1,1,0,0,0,0,0,0,0,0.000000\r\n", StringComparison.Ordinal), text);
        Assert.Contains("\"a,b \"\"c\"\"\r\nd\",\"\",1,1,", text, StringComparison.Ordinal);
        Assert.Contains("ünïcode 短信,\"\",1,1,", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_report_has_as_many_fields_in_each_line_of_csv_as_in_its_header()
    {
        await server.MakeOneOfEachAsync("fields");

        foreach (var path in Paths)
        {
            // Hours are compared in their total alone.
            foreach (var compare in path.EndsWith("hours", StringComparison.Ordinal) ? [""] : new[] { "", "&compare=previous" })
            {
                var lines = (await (await server.OpenAsync($"{path}?format=csv{compare}")).Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
                    .Where(line => !line.Contains('"', StringComparison.Ordinal)).ToList();
                Assert.Equal(compare.Length > 0, lines[0].Contains("previous_", StringComparison.Ordinal));
                Assert.All(lines, line => Assert.Equal(lines[0].Count(c => c == ','), line.Count(c => c == ',')));
            }
        }
    }

    [Fact]
    public async Task Messages_are_exported_oldest_first_over_any_number_of_pages()
    {
        await server.SetZoneAsync("UTC");
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
        // Its days stand in the answer.
        var path = $"/v1/reports/campaigns?campaign_id=kept&to={server.Today:yyyy-MM-dd}";
        await server.Bench.Ledger.EnqueueAsync([server.Bench.NewMessage(campaign: "kept")], default);
        using var first = await server.OpenAsync(path);
        var tag = first.Headers.ETag!.ToString();
        var asOf = JsonDocument.Parse(await first.Content.ReadAsStringAsync()).RootElement.GetProperty("as_of").GetDateTimeOffset();

        using var same = await server.OpenAsync(path, null, ("If-None-Match", tag));
        await server.Bench.Ledger.EnqueueAsync([server.Bench.NewMessage(campaign: "kept")], default);
        var changedAt = (await server.Bench.ScalarAsync<DateTime>("SELECT now()"))!;

        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.True(first.Headers.CacheControl is { Private: true, MaxAge.TotalSeconds: >= 0 and <= 5 } or { Private: true, NoCache: true }, first.Headers.CacheControl?.ToString());
        Assert.Contains("Accept", first.Headers.Vary);

        // What is older than the change says so, until the change is there.
        await TestKit.Eventually.PassesAsync(async () =>
        {
            using var later = await server.OpenAsync(path, null, ("If-None-Match", tag));
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
    [InlineData("campaigns?from=2026-02-30", "from", "2026-02-30", "it is a day of the tenant's time zone")]
    [InlineData("days?from=2026-02-30", "from", "2026-02-30", "of the tenant's time zone")]
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
    [InlineData("campaigns?campaign_id=a%00b", "campaign_id", "a\0b", "no campaign has a control character")]
    [InlineData("summary?compare=previous", "compare", "previous", "both 'from' and 'to'")]
    [InlineData("summary?from=2026-01-01&to=2026-04-30&compare=last", "compare", "last", "'previous'")]
    [InlineData("summary?from=2000-01-01&to=9000-12-31&compare=previous", "from", "2000-01-01", "ask for fewer days")]
    [InlineData("hours?compare=previous&format=csv", "compare", "previous", "ask for json")]
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
}
