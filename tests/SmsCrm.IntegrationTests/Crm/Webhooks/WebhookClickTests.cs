using SmsCrm.Crm.Webhooks;
using SmsCrm.IntegrationTests.Links;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Crm.Webhooks;

/// <summary>Clicks on short links, told to those who asked for <c>message.clicked</c>.</summary>
public sealed class WebhookClickTests(DatabaseFixture databases) : WebhookTests(databases)
{
    [Fact]
    public async Task A_click_reaches_who_asked_for_it_signed_and_with_its_facts()
    {
        var process = await Bench.StartAsync();
        var endpoint = await process.CreateAsync(Bench.Tenant, Receiver.Url("clicks"), "message.clicked");
        var message = await EnqueueAsync();
        var hit = message.Hit();

        await Clicks.WriteAsync(Bench.Ledger.Postgres, hit);

        await Eventually.TrueAsync(() => Receiver.At("clicks").Count == 1);
        var received = Receiver.At("clicks").Single();
        Assert.True(received.IsSignedWith(endpoint.Secret));
        Assert.False(received.IsSignedWith(WebhookSignature.NewSecret()));
        Assert.Equal("message.clicked", received.Type);
        var data = received.Data;
        Assert.Equal(
            (message.Id.ToString(), "offer", Clicks.Url, "+14155550123", "spring", "ref", true),
            (data.GetProperty("message_id").GetString(), data.GetProperty("placeholder").GetString(), data.GetProperty("url").GetString(),
                data.GetProperty("to").GetString(), data.GetProperty("campaign_id").GetString(), data.GetProperty("client_reference").GetString(),
                data.GetProperty("human").GetBoolean()));
        Assert.InRange(data.GetProperty("at").GetDateTimeOffset(), hit.At.AddMilliseconds(-1), hit.At);
        Assert.False(data.TryGetProperty("flags", out _));
        Assert.Equal(message.Id.Value, (await process.OnlyDeliveryAsync(Bench.Tenant, endpoint.Endpoint.Id)).Delivery.MessageId);
    }

    [Fact]
    public async Task Every_hit_but_HEAD_is_told_once_however_often_it_is_written()
    {
        var process = await Bench.StartAsync();
        await process.CreateAsync(Bench.Tenant, Receiver.Url("clicks"), "message.clicked", "message.queued");
        var message = await EnqueueAsync();
        var (person, scanner, head) = (message.Hit(), message.Hit(HitFlags.Agent | HitFlags.ManyFromAddress), message.Hit(HitFlags.Head));

        Assert.Equal(3, await Clicks.WriteAsync(Bench.Ledger.Postgres, person, scanner, head));
        Assert.Equal(0, await Clicks.WriteAsync(Bench.Ledger.Postgres, scanner, head, person));
        await EnqueueAsync();

        // What came after the hits is there: so is all that comes of them.
        await Eventually.TrueAsync(() => Receiver.At("clicks").Count(received => received.Type == "message.queued") == 2 && Told().Count == 2);
        Assert.Equal([(false, "agent,many_from_address"), (true, "")], Told().Order());
        Assert.Equal(4L, await Bench.Ledger.ScalarAsync<long>("SELECT count(*) FROM webhook_deliveries"));
    }

    [Fact]
    public async Task Who_did_not_ask_and_another_tenant_get_no_clicks()
    {
        var process = await Bench.StartAsync();
        await process.CreateAsync(Bench.Tenant, Receiver.Url("default"));
        await process.CreateAsync(Bench.Tenant, Receiver.Url("asked"), "message.clicked");
        await process.CreateAsync(Bench.OtherTenant, Receiver.Url("other"), [.. WebhookEvents.All]);

        await Clicks.WriteAsync(Bench.Ledger.Postgres, (await EnqueueAsync()).Hit());
        await Bench.DeliverMessageAsync();
        await Bench.DeliverMessageAsync(Bench.OtherTenant);

        await Eventually.TrueAsync(() => Receiver.At("default").Count == 1 && Receiver.At("asked").Count == 1 && Receiver.At("other").Count == 2);
        Assert.Equal(4L, await Bench.Ledger.ScalarAsync<long>("SELECT count(*) FROM webhook_deliveries"));
        Assert.DoesNotContain("message.clicked", Receiver.At("default").Concat(Receiver.At("other")).Select(received => received.Type));
    }

    [Fact]
    public async Task A_click_whose_transaction_commits_late_is_not_left_out_nor_what_came_meanwhile_told_twice()
    {
        var process = await Bench.StartAsync();
        await process.CreateAsync(Bench.Tenant, Receiver.Url("clicks"), "message.clicked", "message.received", "message.delivered");
        await process.StopAsync();
        var feeder = process.Get<WebhookFeeder>();
        await using var connection = await Bench.Ledger.OpenSessionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var late = connection.CreateCommand();
        late.CommandText = $"""
            INSERT INTO link_hits (id, message_id, tenant_id, campaign_id, placeholder, at, flags)
            VALUES (gen_random_uuid(), uuid7_floor(now()), '{Bench.Tenant}', 'late', 'offer', now(), 0)
            """;
        await late.ExecuteNonQueryAsync();
        await Clicks.WriteAsync(Bench.Ledger.Postgres, (await Bench.DeliverMessageAsync()).Hit());
        await Bench.ExecuteAsync($"""
            INSERT INTO inbound_texts (sid, sid_kind, tenant_id, account_id, number, to_address, body, found_by)
            VALUES (gen_random_uuid(), 'S', '{Bench.Tenant}', gen_random_uuid(), 14155550123, '78701', 'Hello', 0)
            """);

        await feeder.StepAsync(default);
        var before = await MadeAsync();
        await transaction.CommitAsync();

        Assert.Null(before);
        await Eventually.PassesAsync(async () =>
        {
            await feeder.StepAsync(default);
            Assert.Equal("message.clicked, message.clicked late, message.delivered, message.received", await MadeAsync());
        });
    }

    /// <summary>Of what deliveries were made; null: of nothing.</summary>
    private Task<string?> MadeAsync() => Bench.Ledger.ScalarAsync<string>(
        """
        SELECT string_agg(event || late, ', ' ORDER BY event, late)
        FROM (SELECT event, CASE WHEN body LIKE '%"late"%' THEN ' late' ELSE '' END AS late FROM webhook_deliveries) made
        """);

    private List<(bool Human, string Flags)> Told() =>
    [
        .. Receiver.At("clicks").Where(received => received.Type == "message.clicked").Select(received => (
            received.Data.GetProperty("human").GetBoolean(),
            received.Data.TryGetProperty("flags", out var flags) ? string.Join(',', flags.EnumerateArray().Select(flag => flag.GetString())) : "")),
    ];

    private async Task<AcceptedMessage> EnqueueAsync()
    {
        var message = Bench.Ledger.NewMessage().WithLink();
        await Bench.Ledger.Ledger.EnqueueAsync([message], default);
        return message;
    }
}
