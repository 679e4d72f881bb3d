using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using SmsCrm.Crm.Tenants;
using SmsCrm.Crm.Webhooks;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Crm.Webhooks;

/// <summary>How endpoints are slowed, switched off and guarded, and what is kept of each attempt.</summary>
public sealed class WebhookHealthTests(DatabaseFixture databases) : WebhookTests(databases)
{
    [Fact]
    public async Task Gone_switches_an_endpoint_off_on_record_and_what_waits_goes_on_when_it_is_back()
    {
        var process = await Bench.StartAsync();
        await process.CreateAsync(Bench.Tenant, Receiver.Url("well"));
        var endpoint = (await process.CreateAsync(Bench.Tenant, Receiver.Url("410"))).Endpoint;

        await Bench.DeliverMessageAsync();
        await Eventually.TrueAsync(async () => (await process.GetAsync(Bench.Tenant, endpoint.Id)).State == WebhookState.Off);
        await Bench.DeliverMessageAsync();
        // The feed has passed the second message, for which only the other endpoint was on.
        await Eventually.TrueAsync(() => Receiver.At("well").Count == 2);
        var (refused, _) = await process.Deliveries.TestAsync(Bench.Tenant, endpoint.Id, default);

        var off = await process.GetAsync(Bench.Tenant, endpoint.Id);
        Assert.Contains("410", off.Reason, StringComparison.Ordinal);
        Assert.Equal(endpoint.Version + 1, off.Version);
        Assert.Equal(EnqueueOutcome.SwitchedOff, refused);
        var change = (await process.Changes.ReadAsync(Bench.Tenant, 0, 10, default))[0];
        Assert.Equal(("webhook deliveries", "switch_off", $"webhook {endpoint.Id}"), (change.Actor, change.Action, change.Subject));
        Assert.Single(Receiver.At("410"));

        Receiver.Answer = _ => Task.CompletedTask;
        await process.Endpoints.UpdateAsync(Bench.Tenant, endpoint.Id, off.Version, new WebhookSettings(endpoint.Url), "test", default);

        await InTimeAsync(async () => (await process.OnlyDeliveryAsync(Bench.Tenant, endpoint.Id)).Delivery.State == "delivered");
        Assert.Equal((WebhookState.Active, null), (await process.GetAsync(Bench.Tenant, endpoint.Id) is { } on ? (on.State, on.Reason) : default));
    }

    [Fact]
    public async Task A_failing_endpoint_is_slowed_then_switched_off_and_says_why()
    {
        var process = await Bench.StartAsync();
        var endpoint = (await process.CreateAsync(Bench.Tenant, Receiver.Url("500"))).Endpoint.Id;
        await Bench.DeliverMessageAsync();

        await FailAsync(process, endpoint, attempts: 3);
        var slowed = await process.GetAsync(Bench.Tenant, endpoint);
        Assert.Equal(WebhookState.Slowed, slowed.State);
        Assert.Matches(@"^\d attempts in a row failed, last: status 500\.", slowed.Reason);
        await Eventually.EqualAsync(1L, () => Bench.Ledger.ScalarAsync<long>(
            "SELECT count(*) FROM webhook_endpoints WHERE paused_until > (SELECT max(at) FROM webhook_attempts) + interval '5 seconds'"));

        await Bench.DeliverMessageAsync();
        await FailAsync(process, endpoint, attempts: 9);
        await InTimeAsync(
            async () => (await process.GetAsync(Bench.Tenant, endpoint)).State == WebhookState.Off,
            passing: "UPDATE webhook_endpoints SET failing_since = now() - interval '121 hours';");

        Assert.Matches(@"^1\d attempts in a row failed since .* UTC, last: status 500\.", (await process.GetAsync(Bench.Tenant, endpoint)).Reason);
    }

    [Fact]
    public async Task One_success_makes_a_slowed_endpoint_well()
    {
        var process = await Bench.StartAsync();
        var endpoint = (await process.CreateAsync(Bench.Tenant, Receiver.Url("500"))).Endpoint.Id;
        await Bench.DeliverMessageAsync();
        await FailAsync(process, endpoint, attempts: 3);

        Receiver.Answer = _ => Task.CompletedTask;

        await InTimeAsync(async () => (await process.GetAsync(Bench.Tenant, endpoint)) is { State: WebhookState.Active, Failures: 0, Reason: null, Waiting: 0 });
    }

    [Fact]
    public async Task Every_attempt_is_kept_with_status_latency_and_the_answers_first_bytes()
    {
        var process = await Bench.StartAsync();
        Receiver.Answer = async context =>
        {
            context.Response.StatusCode = Receiver.Received.Count == 1 ? 503 : 202;
            context.Response.Headers.RetryAfter = "3600";
            await context.Response.WriteAsync("no\0" + new string('x', 100_000));
        };
        var endpoint = (await process.CreateAsync(Bench.Tenant, Receiver.Url("busy"))).Endpoint.Id;
        await Bench.DeliverMessageAsync();
        await Eventually.TrueAsync(async () => (await process.OnlyDeliveryAsync(Bench.Tenant, endpoint)).Attempts.Count == 1);

        var failed = await process.OnlyDeliveryAsync(Bench.Tenant, endpoint);
        Assert.Equal(("waiting", 1, 503), (failed.Delivery.State, failed.Delivery.Attempts, failed.Delivery.LastStatus));
        Assert.True(failed.Delivery.NextAttemptAt - failed.Attempts[0].At > TimeSpan.FromMinutes(59), "Retry-After is honoured");
        Assert.Equal((1, 503, null), (failed.Attempts[0].Number, failed.Attempts[0].Status, failed.Attempts[0].Error));
        Assert.Equal(1_024, failed.Attempts[0].ResponseHead!.Length);
        Assert.StartsWith("no\uFFFDxx", failed.Attempts[0].ResponseHead, StringComparison.Ordinal);
        Assert.True(failed.Attempts[0].LatencyMs >= 0);

        await InTimeAsync(async () => (await process.OnlyDeliveryAsync(Bench.Tenant, endpoint)).Delivery.State == "delivered");
        Assert.Equal([503, 202], (await process.OnlyDeliveryAsync(Bench.Tenant, endpoint)).Attempts.Select(attempt => attempt.Status));
        Assert.Single(Receiver.Received.Select(received => received.Id).Distinct());
    }

    [Fact]
    public async Task After_the_last_try_of_the_schedule_a_delivery_is_given_up_and_may_be_made_again_by_hand()
    {
        var process = await Bench.StartAsync();
        var endpoint = (await process.CreateAsync(Bench.Tenant, Receiver.Url("500"))).Endpoint.Id;
        await Bench.DeliverMessageAsync();
        await FailAsync(process, endpoint, attempts: 10);
        var givenUp = await process.OnlyDeliveryAsync(Bench.Tenant, endpoint);
        Assert.Equal(("given_up", null), (givenUp.Delivery.State, givenUp.Delivery.NextAttemptAt));

        Receiver.Answer = _ => Task.CompletedTask;
        var outcome = await process.Deliveries.RedeliverAsync(Bench.Tenant, endpoint, givenUp.Delivery.Id, default);
        var others = await process.Deliveries.RedeliverAsync(Bench.OtherTenant, endpoint, givenUp.Delivery.Id, default);

        Assert.Equal((EnqueueOutcome.Enqueued, EnqueueOutcome.NotFound), (outcome, others));
        await Eventually.EqualAsync("delivered", async () => (await process.OnlyDeliveryAsync(Bench.Tenant, endpoint)).Delivery.State);
        Assert.Equal(11, (await process.OnlyDeliveryAsync(Bench.Tenant, endpoint)).Attempts.Count);
        Assert.Single(Receiver.Received.Select(received => received.Id).Distinct());
    }

    [Fact]
    public async Task While_a_secret_is_rotated_both_sign_and_later_the_new_one_alone()
    {
        var process = await Bench.StartAsync();
        var made = await process.CreateAsync(Bench.Tenant, Receiver.Url("good"));
        var rotated = Assert.IsType<SettingsOutcome<WebhookWithSecret>.Done>(
            await process.Endpoints.RotateSecretAsync(Bench.Tenant, made.Endpoint.Id, 24, "test", default)).Value;

        await process.Deliveries.TestAsync(Bench.Tenant, made.Endpoint.Id, default);
        await Eventually.TrueAsync(() => Receiver.Received.Count == 1);
        await Bench.ExecuteAsync("UPDATE webhook_endpoints SET previous_until = now()");
        await process.Deliveries.TestAsync(Bench.Tenant, made.Endpoint.Id, default);
        await Eventually.TrueAsync(() => Receiver.Received.Count == 2);

        Assert.NotEqual(made.Secret, rotated.Secret);
        Assert.NotNull(rotated.Endpoint.PreviousSecretUntil);
        Assert.Equal(Signature(Receiver.Received[0], rotated.Secret, made.Secret), Receiver.Received[0].Headers["webhook-signature"]);
        Assert.Equal(Signature(Receiver.Received[1], rotated.Secret), Receiver.Received[1].Headers["webhook-signature"]);
        Assert.Equal(0L, await Bench.Ledger.ScalarAsync<long>("SELECT count(*) FROM changes WHERE before::text LIKE '%whsec%' OR after::text LIKE '%whsec%'"));
    }

    [Fact]
    public async Task A_name_is_looked_up_and_one_that_nobody_has_is_a_failure_with_its_reason()
    {
        // That nobody has the other name is said here: the system's resolver would ask a server, which may be slow or silent.
        using var lookups = new NameLookups();
        var process = await Bench.StartAsync((host, cancellation) => host == "nobody.invalid"
            ? Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound))
            : lookups.ResolveAsync(host, cancellation));
        var found = (await process.CreateAsync(Bench.Tenant, Receiver.Url("named", "localhost"))).Endpoint.Id;
        var missing = (await process.CreateAsync(Bench.Tenant, "https://nobody.invalid/")).Endpoint.Id;

        await process.Deliveries.TestAsync(Bench.Tenant, found, default);
        await process.Deliveries.TestAsync(Bench.Tenant, missing, default);

        await Eventually.TrueAsync(() => Receiver.At("named").Count == 1);
        await Eventually.TrueAsync(async () => (await process.OnlyDeliveryAsync(Bench.Tenant, missing)).Attempts.Count == 1);
        Assert.Equal("no connection (HostNotFound)", (await process.OnlyDeliveryAsync(Bench.Tenant, missing)).Attempts[0].Error);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        var process = await Bench.StartAsync();
        Receiver.Answer = context =>
        {
            context.Response.Redirect(Receiver.Url("elsewhere"));
            return Task.CompletedTask;
        };
        var endpoint = (await process.CreateAsync(Bench.Tenant, Receiver.Url("moved"))).Endpoint.Id;
        await process.Deliveries.TestAsync(Bench.Tenant, endpoint, default);

        await Eventually.TrueAsync(async () => (await process.OnlyDeliveryAsync(Bench.Tenant, endpoint)).Delivery is { LastStatus: 302, State: "waiting" });
        Assert.Empty(Receiver.At("elsewhere"));
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_when_it_is_connected_to_is_refused()
    {
        // 127.0.0.2 stands for the public address, the only one that may be called; 127.0.0.1 is what lies behind the wall.
        var lookups = 0;
        var process = await Bench.StartAsync(
            (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(Interlocked.Increment(ref lookups) == 1 ? "127.0.0.2" : "127.0.0.1")]),
            ("AllowedNetworks:0", "127.0.0.2/32"));
        Receiver.Answer = context =>
        {
            context.Response.Headers.Connection = "close";
            return Task.CompletedTask;
        };
        var endpoint = (await process.CreateAsync(Bench.Tenant, Receiver.Url("events", "rebinding.example.com"))).Endpoint.Id;

        var (_, first) = await process.Deliveries.TestAsync(Bench.Tenant, endpoint, default);
        await Eventually.TrueAsync(async () => (await process.Deliveries.GetAsync(Bench.Tenant, endpoint, first, default))!.Delivery.State == "delivered");
        var (_, second) = await process.Deliveries.TestAsync(Bench.Tenant, endpoint, default);
        await Eventually.TrueAsync(async () => (await process.Deliveries.GetAsync(Bench.Tenant, endpoint, second, default))!.Attempts.Count == 1);

        var refused = (await process.Deliveries.GetAsync(Bench.Tenant, endpoint, second, default))!;
        Assert.Equal("the name leads to an address that may not be called over plain http", refused.Attempts[0].Error);
        Assert.Null(refused.Attempts[0].Status);
        Assert.Single(Receiver.Received);
    }

    [Fact]
    public async Task An_endpoint_that_falls_behind_without_end_is_switched_off()
    {
        var process = await Bench.StartAsync(null, ("WaitingPerEndpoint", "100"));
        var endpoint = (await process.CreateAsync(Bench.Tenant, Receiver.Url("hang"), "message.queued")).Endpoint.Id;
        for (var i = 0; i < 11; i++)
        {
            await Bench.Ledger.Ledger.EnqueueAsync([.. Enumerable.Range(0, 10).Select(_ => Bench.Ledger.NewMessage())], default);
        }

        await Eventually.TrueAsync(async () => (await process.GetAsync(Bench.Tenant, endpoint)).State == WebhookState.Off);
        Assert.Contains("slower than the events come", (await process.GetAsync(Bench.Tenant, endpoint)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Old_deliveries_go_with_their_attempts_and_are_no_longer_counted()
    {
        var process = await Bench.StartAsync();
        var endpoint = (await process.CreateAsync(Bench.Tenant, Receiver.Url("500"))).Endpoint.Id;
        await Bench.DeliverMessageAsync();
        await FailAsync(process, endpoint, attempts: 1);
        // Nobody attempts what is waiting meanwhile.
        await process.StopAsync();
        await Bench.ExecuteAsync($"""
            INSERT INTO webhook_deliveries (id, tenant_id, endpoint_id, event, body)
              SELECT uuid7_floor(now() - interval '8 days'), tenant_id, endpoint_id, event, body FROM webhook_deliveries;
            INSERT INTO webhook_attempts (delivery_id, number, at, latency_ms) SELECT min(id::text)::uuid, 1, now(), 123456 FROM webhook_deliveries;
            UPDATE webhook_endpoints SET waiting = 2;
            """);

        await process.Get<IEnumerable<Microsoft.Extensions.Hosting.IHostedService>>().OfType<WebhookRetentionLoop>().Single().RemoveOnceAsync(default);

        Assert.Equal((1L, 0L, 1L), (
            await Bench.Ledger.ScalarAsync<long>("SELECT count(*) FROM webhook_deliveries"),
            await Bench.Ledger.ScalarAsync<long>("SELECT count(*) FROM webhook_attempts WHERE latency_ms = 123456"),
            (await process.GetAsync(Bench.Tenant, endpoint)).Waiting));
    }

    private static string Signature(ReceivedWebhook received, params string[] secrets) =>
        WebhookSignature.Sign(secrets, received.Id, long.Parse(received.Headers["webhook-timestamp"]), received.Body);

    /// <summary>Until the endpoint has failed that often in all, as if the time between had passed.</summary>
    private async Task FailAsync(WebhookProcess process, Guid endpoint, int attempts)
    {
        for (var failures = 1; failures <= attempts; failures++)
        {
            await InTimeAsync(async () => (await process.GetAsync(Bench.Tenant, endpoint)).Failures >= failures);
        }
    }

    /// <summary>
    /// Until so. Time passes again and again: an attempt that was under way when it passed is waited out after it, however long that is.
    /// </summary>
    /// <param name="passing">What comes with the time that passes.</param>
    private Task InTimeAsync(Func<Task<bool>> condition, string passing = "") => Eventually.TrueAsync(async () =>
    {
        if (await condition())
        {
            return true;
        }

        if (passing.Length > 0)
        {
            await Bench.ExecuteAsync(passing);
        }

        await Bench.PassTimeAsync();
        return false;
    });
}
