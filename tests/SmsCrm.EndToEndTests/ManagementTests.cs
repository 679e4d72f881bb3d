using System.Globalization;
using System.Net;
using System.Text;
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
        var refused = await SendAsync(Number, Purpose.Marketing);
        await StateIsAsync(refused, "rejected", "no_consent");

        await PutAsync($"/v1/recipients/{Number}/consent", """{"purpose":"marketing","given":true,"at":"2026-01-01T00:00:00Z","source":"web form","wording":"Yes, text me"}""");
        await PutAsync($"/v1/recipients/{Number}/whereabouts", $$"""{"time_zone":"{{ZoneWhereItIsNoon()}}"}""");
        await StateIsAsync(await SendAsync(Number, Purpose.Marketing), "delivered", null);

        await PutAsync($"/v1/recipients/{Number}/consent", $$"""{"purpose":"marketing","given":false,"at":"{{TimeProvider.System.GetUtcNow():O}}","source":"call"}""");
        await StateIsAsync(await SendAsync(Number, Purpose.Marketing), "rejected", "no_consent");
    }

    [Fact]
    public async Task At_night_marketing_waits_for_the_morning_of_the_recipient()
    {
        const string Number = "+12125550202";
        await PutAsync($"/v1/recipients/{Number}/consent", """{"purpose":"marketing","given":true,"at":"2026-01-01T00:00:00Z","source":"web form"}""");
        await PutAsync($"/v1/recipients/{Number}/whereabouts", $$"""{"time_zone":"{{ZoneWhereItIsNoon(hours: 12)}}"}""");

        await StateIsAsync(await SendAsync(Number, Purpose.Marketing), "deferred", "quiet_hours");
    }

    [Fact]
    public async Task A_campaigns_budget_pays_what_it_can_and_no_more()
    {
        // At 0.0083 a segment 0.05 pays six.
        await PutAsync("/v1/budgets/campaigns/paid", """{"limit":0.05}""");
        await Eventually.TrueAsync(async () => (await Api.GetAsync("/v1/budgets")).GetProperty("budgets").GetArrayLength() > 0);

        var ids = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => SendAsync($"+1212555{2300 + n}", campaign: "paid")));

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
        await PostAsync("/v1/campaigns/halting/pause");
        var waiting = await SendAsync("+12125550203", campaign: "halting");
        await StateIsAsync(waiting, "deferred", "campaign_paused");

        await PostAsync("/v1/campaigns/halting/resume");

        await StateIsAsync(waiting, "delivered", null);
    }

    [Fact]
    public async Task What_a_campaign_or_a_recipient_accepted_before_it_was_cancelled_does_not_go_and_what_comes_later_does()
    {
        var tomorrow = TimeProvider.System.GetUtcNow().AddDays(1);
        var ofCampaign = await SendAsync("+12125550204", campaign: "regretted", sendAt: tomorrow);
        var toRecipient = await SendAsync("+12125550205", sendAt: tomorrow);
        await StateIsAsync(ofCampaign, "deferred", "scheduled");
        await StateIsAsync(toRecipient, "deferred", "scheduled");

        var campaign = await PostAsync("/v1/campaigns/regretted/cancel");
        var recipient = await Api.Grpc.CancelAsync(new CancelRequest { Recipient = "+12125550205" }, Api.Headers);
        var one = await PostAsync($"/v1/messages/{ofCampaign}/cancel");

        Assert.Equal((1, 0), (campaign.GetProperty("cancelled").GetInt32(), campaign.GetProperty("too_late").GetInt32()));
        Assert.Equal((1, 0, 0), (recipient.Cancelled, recipient.TooLate, recipient.NotFound));
        Assert.Equal(1, one.GetProperty("cancelled").GetInt32());
        await StateIsAsync(ofCampaign, "cancelled", null);
        await StateIsAsync(toRecipient, "cancelled", null);
        await StateIsAsync(await SendAsync("+12125550204", campaign: "regretted"), "delivered", null);
    }

    [Fact]
    public async Task A_number_that_is_suppressed_over_REST_gets_nothing_until_that_is_lifted()
    {
        await PostAsync("/v1/recipients/+12125550206/suppress");
        await StateIsAsync(await SendAsync("+12125550206"), "rejected", "suppressed");

        await PostAsync("/v1/recipients/+12125550206/unsuppress");

        await StateIsAsync(await SendAsync("+12125550206"), "delivered", null);
    }

    [Fact]
    public async Task Gate_settings_change_by_version_and_the_change_is_on_record()
    {
        var before = await Api.GetAsync("/v1/settings/gates");
        var version = before.GetProperty("version").GetInt64();

        var after = await PutAsync($"/v1/settings/gates?version={version}", """{"countries":["US","GB"],"frequency_caps":[{"messages":50,"window_seconds":3600}]}""");
        using var stale = await Api.Rest.PutAsync(new Uri($"/v1/settings/gates?version={version}", UriKind.Relative), Json("{}"));

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
        var account = Id(await PostAsync($"/v1/operator/tenants/{tenant}/accounts", AccountAtTheSimulator(), ops));
        var sender = Id(await RunAsync("senders", "create", "--tenant", tenant, "--account", account, "--address", "77123", "--kind", "short_code"));
        await RunAsync("rates", "set", "US", "--rate", "0.005", "--tenant", tenant);
        await RunAsync("budgets", "set", "--tenant", tenant, "--limit", "10");
        using var api = Api.With(await KeyAsync("--tenant", tenant), running.System);

        await StateIsAsync(await SendAsync("+12125550210", api: api), "delivered", null, api);
        await RunAsync("senders", "block", sender, "--tenant", tenant, "--reason", "filtered");
        await StateIsAsync(await SendAsync("+12125550211", api: api), "rejected", "no_sender", api);
        await RunAsync("senders", "unblock", sender, "--tenant", tenant);

        await StateIsAsync(await SendAsync("+12125550211", api: api), "delivered", null, api);
        var budget = Assert.Single((await RunAsync("budgets", "list", "--tenant", tenant)).EnumerateArray());
        Assert.Equal(0.01m, budget.GetProperty("spent").GetDecimal() + budget.GetProperty("held").GetDecimal());
    }

    [Theory]
    [InlineData("/v1/settings/gates", """{"gates_off":["suppression"]}""", "suppression")]
    [InlineData("/v1/settings/gates", """{"nothing":1}""", "nothing")]
    [InlineData("/v1/settings/gates", "rubbish", "$")]
    [InlineData("/v1/budgets/tenant", """{"limit":-1}""", "limit")]
    [InlineData("/v1/budgets/tenant", """{}""", "limit")]
    [InlineData("/v1/recipients/4155550123/consent", """{}""", "number")]
    [InlineData("/v1/recipients/+14155550123/consent", """{"purpose":"marketing","given":true,"at":"2099-01-01T00:00:00Z","source":"x"}""", "at is")]
    [InlineData("/v1/recipients/+14155550123/whereabouts", """{"time_zone":"Mars/Olympus"}""", "Mars/Olympus")]
    public async Task Bad_settings_are_refused_with_what_is_wrong(string path, string body, string word)
    {
        using var answer = await Api.Rest.PutAsync(new Uri(path, UriKind.Relative), Json(body));

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

    private async Task<string> SendAsync(
        string to, Purpose purpose = Purpose.Transactional, string campaign = "", DateTimeOffset? sendAt = null, Api? api = null) =>
        (await (api ?? Api).Grpc.SendAsync(
            new SendRequest
            {
                To = to,
                Body = "Hello. Reply STOP to opt out.",
                Purpose = purpose,
                CampaignId = campaign,
                SendAt = sendAt is { } at ? Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(at) : null,
            },
            (api ?? Api).Headers)).MessageId;

    private Task StateIsAsync(string id, string state, string? reason, Api? api = null) => Eventually.PassesAsync(
        async () =>
        {
            var message = await (api ?? Api).GetAsync($"/v1/messages/{id}");
            Assert.Equal(state, message.GetProperty("state").GetString());
            if (reason is not null)
            {
                Assert.Equal(reason, message.GetProperty("reason").GetString());
            }
        },
        TimeSpan.FromSeconds(40));

    private async Task<JsonElement> PutAsync(string path, string body)
    {
        using var answer = await Api.Rest.PutAsync(new Uri(path, UriKind.Relative), Json(body));
        return await ReadAsync(answer);
    }

    private async Task<JsonElement> PostAsync(string path, string? body = null, Api? api = null)
    {
        using var answer = await (api ?? Api).Rest.PostAsync(new Uri(path, UriKind.Relative), body is null ? null : Json(body));
        return await ReadAsync(answer);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

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
