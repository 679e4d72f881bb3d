using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Crm.Webhooks;

/// <summary>Promise 5, for webhooks: who hangs or fails slows only itself.</summary>
public sealed class WebhookFairnessTests(DatabaseFixture databases) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private const int OfATenant = 50;

    private WebhookBench? _bench;
    private WebhookReceiver? _receiver;

    private WebhookBench Bench => _bench!;

    private WebhookReceiver Receiver => _receiver!;

    public async ValueTask InitializeAsync()
    {
        _bench = await WebhookBench.CreateAsync(databases);
        _receiver = await WebhookReceiver.StartAsync();
    }

    [Fact]
    public async Task While_fifty_endpoints_hang_and_fifty_fail_all_others_get_everything()
    {
        var process = await Bench.StartAsync(null, ("EndpointsAtOnce", "100"), ("DeadlineSeconds", "30"));
        var hanging = await TenantAsync(process, "hang");
        var failing = await TenantAsync(process, "500");
        var good = new List<TenantId>();
        for (var i = 0; i < 4; i++)
        {
            good.Add(await TenantAsync(process, $"good{i}"));
        }

        await DeliverAsync(10, hanging);
        await Eventually.TrueAsync(() => Receiver.Received.Select(received => received.Path).Distinct().Count() == OfATenant);
        await DeliverAsync(5, [failing, .. good]);

        await Eventually.TrueAsync(() => Receiver.Received.Count(received => received.Path.StartsWith("/good", StringComparison.Ordinal)) == 4 * OfATenant * 5);
        Assert.Equal(0L, await Bench.Ledger.ScalarAsync<long>($"SELECT count(*) FROM webhook_deliveries WHERE tenant_id = '{hanging}' AND attempts > 0"));
        Assert.True(Receiver.Hanging >= OfATenant);
    }

    [Fact]
    public async Task Endpoints_that_are_known_to_fail_share_a_quarter_of_the_slots_however_many_they_are()
    {
        var process = await Bench.StartAsync(null, ("EndpointsAtOnce", "8"), ("DeadlineSeconds", "30"));
        var hanging = await TenantAsync(process, "hang");
        var good = await TenantAsync(process, "good");
        await Bench.ExecuteAsync($"UPDATE webhook_endpoints SET state = 'slowed', slow_lane = true, failures = 5, failing_since = now() WHERE tenant_id = '{hanging}'");

        await DeliverAsync(3, hanging);
        await Eventually.TrueAsync(() => Receiver.Hanging == 2);
        await DeliverAsync(3, good);

        await Eventually.TrueAsync(() => Receiver.Received.Count(received => received.Path.StartsWith("/good", StringComparison.Ordinal)) == OfATenant * 3);
        Assert.Equal(2, Receiver.Hanging);
        Assert.Equal(0L, await Bench.Ledger.ScalarAsync<long>($"SELECT count(*) FROM webhook_deliveries WHERE tenant_id = '{hanging}' AND attempts > 0"));
    }

    [Fact]
    public async Task What_is_due_is_found_by_index_among_many_endpoints_and_deliveries()
    {
        await Bench.StartAsync();
        await Bench.ExecuteAsync($"""
            INSERT INTO webhook_endpoints (id, tenant_id, url, events, secret_sealed, due_at)
              SELECT gen_random_uuid(), '{Bench.OtherTenant}', 'https://example.com', ARRAY['message.delivered'], '', now() + interval '1 hour' FROM generate_series(1, 5000);
            INSERT INTO webhook_deliveries (id, tenant_id, endpoint_id, event, body, due_at)
              SELECT gen_random_uuid(), tenant_id, id, 'message.delivered', '', now() + interval '1 hour' FROM webhook_endpoints, generate_series(1, 20);
            ANALYZE webhook_endpoints; ANALYZE webhook_deliveries;
            """);

        var endpoints = await PlanAsync("SELECT id FROM webhook_endpoints WHERE slow_lane = false AND due_at <= now() AND state <> 'off' ORDER BY due_at LIMIT 64");
        var deliveries = await PlanAsync(
            "SELECT id FROM webhook_deliveries WHERE endpoint_id = '018f0000-0000-7000-8000-000000000001' AND state = 0 AND due_at <= now() ORDER BY due_at, id LIMIT 64");

        Assert.Contains("webhook_endpoints_due", endpoints, StringComparison.Ordinal);
        Assert.Contains("webhook_deliveries_due", deliveries, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await Receiver.DisposeAsync();
        await Bench.DisposeAsync();
    }

    private async Task<TenantId> TenantAsync(WebhookProcess process, string path)
    {
        var tenant = await Bench.NewTenantAsync();
        for (var i = 0; i < OfATenant; i++)
        {
            await process.CreateAsync(tenant, Receiver.Url($"{path}-{i}"));
        }

        return tenant;
    }

    private async Task DeliverAsync(int messages, params TenantId[] tenants)
    {
        for (var i = 0; i < messages; i++)
        {
            foreach (var tenant in tenants)
            {
                await Bench.DeliverMessageAsync(tenant);
            }
        }
    }

    private async Task<string> PlanAsync(string query)
    {
        await using var command = Bench.Ledger.Postgres.CreateCommand("EXPLAIN " + query);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }
}
