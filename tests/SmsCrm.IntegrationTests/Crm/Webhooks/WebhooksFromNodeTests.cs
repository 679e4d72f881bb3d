using System.Text.Json;
using SmsCrm.Crm.Tenants;
using SmsCrm.Crm.Webhooks;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Crm.Webhooks;

/// <summary>Deliveries as a customer's own library verifies them: <c>tests/conformance/webhooks.mjs</c>, on npm <c>standardwebhooks</c>.</summary>
public sealed class WebhooksFromNodeTests(DatabaseFixture databases) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task The_standards_own_library_verifies_deliveries_with_either_secret_and_nothing_that_was_changed()
    {
        var missing = await NodeScripts.WhyNotAsync();
        Assert.SkipUnless(missing is null, missing ?? "");
        await using var bench = await WebhookBench.CreateAsync(databases);
        await using var receiver = await WebhookReceiver.StartAsync();
        var process = await bench.StartAsync();
        var older = await process.CreateAsync(bench.Tenant, receiver.Url("good"));
        var newer = Assert.IsType<SettingsOutcome<WebhookWithSecret>.Done>(
            await process.Endpoints.RotateSecretAsync(bench.Tenant, older.Endpoint.Id, 24, "test", default)).Value;
        await bench.DeliverMessageAsync();
        await Eventually.TrueAsync(() => receiver.Received.Count == 1);
        var (received, another) = (receiver.Received[0], WebhookSignature.NewSecret());

        var checks = await CheckAsync(
            Case("the new secret", newer.Secret, received, valid: true),
            Case("the secret before", older.Secret, received, valid: true),
            Case("another secret", another, received, valid: false),
            Case("a changed body", newer.Secret, received with { Body = received.Body + " " }, valid: false));

        Assert.Equal(4, checks.Count);
        Assert.All(checks, check => Assert.True(check.Ok, $"{check.Name}: {check.Error}"));
    }

    private static string Case(string name, string secret, ReceivedWebhook received, bool valid) =>
        JsonSerializer.Serialize(new { name, secret, headers = received.Headers, body = received.Body, valid });

    private static async Task<List<NodeCheck>> CheckAsync(params string[] cases) =>
        (await NodeScripts.OutputAsync("webhooks.mjs", string.Join('\n', cases))).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<NodeCheck>(line, JsonSerializerOptions.Web)!).ToList();
}
