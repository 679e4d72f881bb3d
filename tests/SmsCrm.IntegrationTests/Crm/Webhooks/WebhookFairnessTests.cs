using Npgsql;
using SmsCrm.Crm.Webhooks;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Crm.Webhooks;

/// <summary>Promise 5, for webhooks: who hangs or fails slows only itself.</summary>
public sealed class WebhookFairnessTests(DatabaseFixture databases) : WebhookTests(databases)
{
    private const int OfATenant = 50;
    private const int Good = 4_900;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Of_five_thousand_endpoints_fifty_hang_and_fifty_fail_and_all_others_keep_their_place()
    {
        // What hangs is open until the test is over, however long that takes.
        var process = await Bench.StartAsync(null, new NoDeadline(), ("DeadlineSeconds", "30"));
        var (hanging, failing) = (await TenantAsync(process, "hang"), await TenantAsync(process, "500"));
        var good = new List<TenantId>();
        for (var i = 0; i < Good / OfATenant; i++)
        {
            good.Add(await TenantAsync(process, $"good{i}"));
        }

        await DeliverAsync(1, [.. good]);
        await AllGoodAsync(rounds: 1);
        await DeliverAsync(10, hanging, failing);
        await Eventually.TrueAsync(
            async () => Receiver.Hanging >= OfATenant && await CountAsync(hanging, "held_by IS NOT NULL") == OfATenant && await CountAsync(failing, "state = 'slowed'") == OfATenant,
            Patience);
        // Nor are they taken for those of a process that died, however long it takes: each would take a second slot.
        await Bench.ExecuteAsync($"UPDATE webhook_endpoints SET held_until = 'infinity', due_at = 'infinity' WHERE tenant_id = '{hanging}'");
        await DeliverAsync(1, [.. good]);
        await AllGoodAsync(rounds: 2);

        Assert.Equal(0L, await Bench.Ledger.ScalarAsync<long>($"SELECT count(*) FROM webhook_deliveries WHERE tenant_id = '{hanging}' AND attempts > 0"));
        Assert.True(Receiver.Hanging >= OfATenant);
        TestRun.Say(
            $"from enqueued to attempted, without and with what hangs and fails: {await DelaysAsync(hanging, failing)}");
    }

    [Fact]
    public async Task Endpoints_that_are_known_to_fail_share_a_quarter_of_the_slots_however_many_they_are()
    {
        var process = await Bench.StartAsync(null, new NoDeadline(), ("EndpointsAtOnce", "8"), ("DeadlineSeconds", "30"));
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

    /// <summary>A tenant with fifty endpoints; written at once, since there are thousands.</summary>
    private async Task<TenantId> TenantAsync(WebhookProcess process, string path)
    {
        var tenant = await Bench.NewTenantAsync();
        var ids = Enumerable.Range(0, OfATenant).Select(_ => Guid.CreateVersion7()).ToArray();
        await using var insert = Bench.Ledger.Postgres.CreateCommand(
            """
            INSERT INTO webhook_endpoints (id, tenant_id, url, events, secret_sealed)
            SELECT e.id, $1, $2 || '-' || e.n, ARRAY['message.delivered'], e.secret FROM unnest($3, $4) WITH ORDINALITY AS e (id, secret, n)
            """);
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Receiver.Url(path) });
        insert.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        insert.Parameters.Add(new NpgsqlParameter<byte[][]>
        {
            TypedValue = [.. ids.Select(id => process.Get<SecretSeal>().Seal(WebhookSignature.NewSecret(), id))],
        });
        await insert.ExecuteNonQueryAsync();
        return tenant;
    }

    private Task AllGoodAsync(int rounds) => Eventually.TrueAsync(
        () => Receiver.Received.Count(received => received.Path.StartsWith("/good", StringComparison.Ordinal)) == Good * rounds, Patience);

    private Task<long> CountAsync(TenantId tenant, string which) =>
        Bench.Ledger.ScalarAsync<long>($"SELECT count(*) FROM webhook_endpoints WHERE tenant_id = '{tenant}' AND {which}");

    /// <summary>For whoever reads the log: never asserted.</summary>
    private async Task<string?> DelaysAsync(TenantId hanging, TenantId failing)
    {
        await Eventually.EqualAsync(
            Good * 2L,
            () => Bench.Ledger.ScalarAsync<long>($"SELECT count(*) FROM webhook_deliveries WHERE state = 1 AND tenant_id NOT IN ('{hanging}', '{failing}')"),
            Patience);
        return await Bench.Ledger.ScalarAsync<string>(
            $"""
            WITH delays AS (
              SELECT row_number() OVER (PARTITION BY d.endpoint_id ORDER BY d.id) AS round, extract(epoch FROM a.at - d.created_at) * 1000 AS ms
              FROM webhook_deliveries d JOIN webhook_attempts a ON a.delivery_id = d.id WHERE d.tenant_id NOT IN ('{hanging}', '{failing}')
            ), rounds AS (
              SELECT round, percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY ms) AS p FROM delays GROUP BY round
            )
            SELECT string_agg(format('p50 %s ms, p99 %s ms', round(p[1]::numeric), round(p[2]::numeric)), '; ' ORDER BY round) FROM rounds
            """);
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

    /// <summary>The system's clock, but for the deadline of requests.</summary>
    private sealed class NoDeadline : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == TimeSpan.FromSeconds(30) ? Timeout.InfiniteTimeSpan : dueTime, period);
    }
}
