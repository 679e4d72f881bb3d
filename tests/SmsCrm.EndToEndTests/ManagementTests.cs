using System.Globalization;
using System.Net;
using System.Text.Json;
using SmsCrm.Contracts.V1;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;
using SmsCrm.TwilioSimulator;

namespace SmsCrm.EndToEndTests;

/// <summary>What a tenant decides over REST, and what becomes of its messages then.</summary>
[Collection(nameof(Alone))]
public sealed class ManagementTests(ManagementTests.RunningSystem running) : IClassFixture<ManagementTests.RunningSystem>
{
    private Api Api => running.Api;

    [Fact]
    public async Task Marketing_goes_once_there_is_consent_and_says_why_it_did_not_before()
    {
        const string Number = "+12125550201";
        var refused = await Api.SendAsync(Number, Purpose.Marketing);
        await Api.StateIsForAsync(refused, "rejected", "no_consent");

        await Api.PutAsync($"/v1/recipients/{Number}/consent", """{"purpose":"marketing","given":true,"at":"2026-01-01T00:00:00Z","source":"web form","wording":"Yes, text me"}""");
        await Api.PutAsync($"/v1/recipients/{Number}/whereabouts", $$"""{"time_zone":"{{ZoneWhereItIsNoon()}}"}""");
        await Api.StateIsAsync(await Api.SendAsync(Number, Purpose.Marketing), "delivered");

        await Api.PutAsync($"/v1/recipients/{Number}/consent", $$"""{"purpose":"marketing","given":false,"at":"{{TimeProvider.System.GetUtcNow():O}}","source":"call"}""");
        await Api.StateIsForAsync(await Api.SendAsync(Number, Purpose.Marketing), "rejected", "no_consent");
    }

    [Fact]
    public async Task At_night_marketing_waits_for_the_morning_of_the_recipient()
    {
        const string Number = "+12125550202";
        await Api.PutAsync($"/v1/recipients/{Number}/consent", """{"purpose":"marketing","given":true,"at":"2026-01-01T00:00:00Z","source":"web form"}""");
        await Api.PutAsync($"/v1/recipients/{Number}/whereabouts", $$"""{"time_zone":"{{ZoneWhereItIsNoon(hours: 12)}}"}""");

        await Api.StateIsForAsync(await Api.SendAsync(Number, Purpose.Marketing), "deferred", "quiet_hours");
    }

    [Fact]
    public async Task A_campaigns_budget_pays_what_it_can_and_no_more()
    {
        // At 0.0083 a segment 0.05 pays six.
        await Api.PutAsync("/v1/budgets/campaigns/paid", """{"limit":0.05}""");
        await Eventually.TrueAsync(async () => (await Api.GetAsync("/v1/budgets")).GetProperty("budgets").GetArrayLength() > 0);

        var ids = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => Api.SendAsync($"+1212555{2300 + n}", campaign: "paid")));

        await Eventually.PassesAsync(
            async () =>
            {
                var states = (await Api.GetAsync("/v1/reports/summary?campaign_id=paid")).GetProperty("states");
                Assert.Equal((6, 4), (Count(states, "delivered"), Count(states, "rejected")));
            },
            TimeSpan.FromSeconds(60));
        var budget = (await Api.GetAsync("/v1/budgets")).GetProperty("budgets").EnumerateArray().Single(b => b.GetProperty("campaign_id").GetString() == "paid");
        Assert.Equal((0m, 0.0498m), (budget.GetProperty("held").GetDecimal(), budget.GetProperty("spent").GetDecimal()));
        Assert.Equal(10, ids.Distinct().Count());
    }

    [Fact]
    public async Task A_paused_campaign_waits_and_goes_on_when_it_is_resumed()
    {
        await Api.PostAsync("/v1/campaigns/halting/pause");
        var waiting = await Api.SendAsync("+12125550203", campaign: "halting");
        await Api.StateIsForAsync(waiting, "deferred", "campaign_paused");

        await Api.PostAsync("/v1/campaigns/halting/resume");

        await Api.StateIsAsync(waiting, "delivered");
    }

    [Fact]
    public async Task What_a_campaign_or_a_recipient_accepted_before_it_was_cancelled_does_not_go_and_what_comes_later_does()
    {
        var tomorrow = TimeProvider.System.GetUtcNow().AddDays(1);
        var ofCampaign = await Api.SendAsync("+12125550204", campaign: "regretted", sendAt: tomorrow);
        var toRecipient = await Api.SendAsync("+12125550205", sendAt: tomorrow);
        await Api.StateIsForAsync(ofCampaign, "deferred", "scheduled");
        await Api.StateIsForAsync(toRecipient, "deferred", "scheduled");

        var campaign = await Api.PostAsync("/v1/campaigns/regretted/cancel");
        var recipient = await Api.Grpc.CancelAsync(new CancelRequest { Recipient = "+12125550205" }, Api.Headers);
        var one = await Api.PostAsync($"/v1/messages/{ofCampaign}/cancel");

        Assert.Equal((1, 0), (campaign.GetProperty("cancelled").GetInt32(), campaign.GetProperty("too_late").GetInt32()));
        Assert.Equal((1, 0, 0), (recipient.Cancelled, recipient.TooLate, recipient.NotFound));
        Assert.Equal(1, one.GetProperty("cancelled").GetInt32());
        await Api.StateIsAsync(ofCampaign, "cancelled");
        await Api.StateIsAsync(toRecipient, "cancelled");
        await Api.StateIsAsync(await Api.SendAsync("+12125550204", campaign: "regretted"), "delivered");
    }

    [Fact]
    public async Task A_number_that_is_suppressed_over_REST_gets_nothing_until_that_is_lifted()
    {
        await Api.PostAsync("/v1/recipients/+12125550206/suppress");
        await Api.StateIsForAsync(await Api.SendAsync("+12125550206"), "rejected", "suppressed");

        await Api.PostAsync("/v1/recipients/+12125550206/unsuppress");

        await Api.StateIsAsync(await Api.SendAsync("+12125550206"), "delivered");
    }

    [Fact]
    public async Task Gate_settings_change_by_version_and_the_change_is_on_record()
    {
        var before = await Api.GetAsync("/v1/settings/gates");
        var version = before.GetProperty("version").GetInt64();

        var after = await Api.PutAsync($"/v1/settings/gates?version={version}", """{"countries":["US","GB"],"frequency_caps":[{"messages":50,"window_seconds":3600}]}""");
        using var stale = await Api.Rest.PutAsync(new Uri($"/v1/settings/gates?version={version}", UriKind.Relative), Api.Json("{}"));

        Assert.Equal(version + 1, after.GetProperty("version").GetInt64());
        Assert.Equal(HttpStatusCode.Conflict, stale.StatusCode);
        var change = (await Api.GetAsync("/v1/changes?limit=200")).GetProperty("changes").EnumerateArray().First(c => c.GetProperty("subject").GetString() == "gate_settings");
        Assert.Contains("GB", change.GetProperty("after").GetProperty("countries").EnumerateArray().Select(c => c.GetString()));
        Assert.NotEmpty(change.GetProperty("actor").GetString()!);
    }

    [Fact]
    public async Task What_commands_made_sends_and_a_blocked_sender_sends_nothing_until_it_is_put_back()
    {
        var tenant = Id(await RunAsync("tenants", "create", "--name", "Made by command", "--rate", "100", "--by", "ops"));
        using var ops = Api.With(await KeyAsync("--operator"), running.System);
        var account = Id(await ops.PostAsync($"/v1/operator/tenants/{tenant}/accounts", AccountAtTheSimulator()));
        var sender = Id(await RunAsync("senders", "create", "--tenant", tenant, "--account", account, "--address", "77123", "--kind", "short_code"));
        await RunAsync("rates", "set", "US", "--rate", "0.005", "--tenant", tenant);
        await RunAsync("budgets", "set", "--tenant", tenant, "--limit", "10");
        using var api = Api.With(await KeyAsync("--tenant", tenant), running.System);

        await api.StateIsAsync(await api.SendAsync("+12125550210"), "delivered");
        await RunAsync("senders", "block", sender, "--tenant", tenant, "--reason", "filtered");
        await api.StateIsForAsync(await api.SendAsync("+12125550211"), "rejected", "no_sender");
        await RunAsync("senders", "unblock", sender, "--tenant", tenant);

        await api.StateIsAsync(await api.SendAsync("+12125550211"), "delivered");
        var budget = Assert.Single((await RunAsync("budgets", "list", "--tenant", tenant)).EnumerateArray());
        Assert.Equal(0.01m, budget.GetProperty("spent").GetDecimal() + budget.GetProperty("held").GetDecimal());
    }

    [Theory]
    [InlineData("/v1/settings/gates", """{"gates_off":["suppression"]}""", "suppression")]
    [InlineData("/v1/settings/gates", """{"nothing":1}""", "nothing")]
    [InlineData("/v1/settings/gates", "rubbish", "body is not JSON")]
    [InlineData("/v1/budgets/tenant", """{"limit":0.0000001}""", "up to six decimals")]
    [InlineData("/v1/recipients/+14155550123/whereabouts", """{"region":"us-tx"}""", "region is 'us-tx'")]
    [InlineData("/v1/budgets/tenant", """{"limit":-1}""", "limit")]
    [InlineData("/v1/budgets/tenant", """{}""", "limit")]
    [InlineData("/v1/recipients/4155550123/consent", """{}""", "number")]
    [InlineData("/v1/recipients/+14155550123/consent", """{"purpose":"marketing","given":true,"at":"2099-01-01T00:00:00Z","source":"x"}""", "at is")]
    [InlineData("/v1/recipients/+14155550123/whereabouts", """{"time_zone":"Mars/Olympus"}""", "Mars/Olympus")]
    public async Task Bad_settings_are_refused_with_what_is_wrong(string path, string body, string word)
    {
        using var answer = await Api.Rest.PutAsync(new Uri(path, UriKind.Relative), Api.Json(body));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains(word, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<JsonElement> RunAsync(params string[] command) => JsonDocument.Parse(await running.System.RunCommandAsync(command)).RootElement;

    private async Task<string> KeyAsync(params string[] owner) =>
        (await running.System.RunCommandAsync(["keys", "create", .. owner, "--name", "test"])).Split('\n').Single(line => line.StartsWith("smscrm_", StringComparison.Ordinal)).Trim();

    private string AccountAtTheSimulator() =>
        $$"""{"name":"main","account_sid":"{{SimulatedAccount.DemoSid}}","auth_token":"{{SimulatedAccount.DemoAuthToken}}","base_address":"{{running.System.SimulatorAddress}}"}""";

    private static string Id(JsonElement made) => made.GetProperty("id").GetString()!;

    private static int Count(JsonElement states, string state) =>
        states.TryGetProperty(state, out var found) ? found.GetProperty("messages").GetInt32() : 0;

    /// <summary>A zone of whole hours in which it is about noon, or so many hours later. The signs of these names are the other way round.</summary>
    private static string ZoneWhereItIsNoon(int hours = 0)
    {
        var offset = 12 + hours - TimeProvider.System.GetUtcNow().Hour;
        offset = offset > 12 ? offset - 24 : offset;
        return offset == 0 ? "Etc/GMT" : string.Create(CultureInfo.InvariantCulture, $"Etc/GMT{(offset > 0 ? "-" : "+")}{Math.Abs(offset)}");
    }

    public sealed class RunningSystem : IAsyncLifetime
    {
        private LocalSystem? _system;

        internal Api Api { get; private set; } = null!;

        internal LocalSystem System => _system!;

        public async ValueTask InitializeAsync()
        {
            _system = await TestSystem.StartAsync(
                KafkaKind.Embedded, new Dictionary<string, string> { ["SmsCrm__Gates__PausedRecheckSeconds"] = "2" });
            Api = await Api.OfAsync(_system);
        }

        public async ValueTask DisposeAsync()
        {
            Api.Dispose();
            await _system!.DisposeAsync();
        }
    }
}
