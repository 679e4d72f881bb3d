using System.Text.Json;
using SmsCrm.Crm.Webhooks;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Crm.Webhooks;

public sealed class WebhookDeliveryTests(DatabaseFixture databases) : WebhookTests(databases)
{
    [Fact]
    public async Task An_event_reaches_those_of_its_tenant_that_asked_for_it_signed_and_with_its_facts()
    {
        var process = await Bench.StartAsync();
        var wanted = await process.CreateAsync(Bench.Tenant, Receiver.Url("wanted"));
        await process.CreateAsync(Bench.Tenant, Receiver.Url("queued"), "message.queued");
        await process.CreateAsync(Bench.OtherTenant, Receiver.Url("other"), [.. WebhookEvents.All]);

        var message = await Bench.DeliverMessageAsync();

        await Eventually.TrueAsync(() => Receiver.At("wanted").Count == 1 && Receiver.At("queued").Count == 1);
        var received = Receiver.At("wanted").Single();
        var body = JsonDocument.Parse(received.Body).RootElement;
        Assert.Equal("message.delivered", body.GetProperty("type").GetString());
        Assert.True(body.GetProperty("timestamp").GetDateTimeOffset() > DateTimeOffset.UnixEpoch);
        var data = body.GetProperty("data");
        Assert.Equal(message.Id.ToString(), data.GetProperty("message_id").GetString());
        Assert.Equal(("delivered", "spring", "ref", "+14155550123"), (
            data.GetProperty("state").GetString(), data.GetProperty("campaign_id").GetString(), data.GetProperty("client_reference").GetString(),
            data.GetProperty("to").GetString()));
        Assert.Equal(
            WebhookSignature.Sign([wanted.Secret], received.Id, long.Parse(received.Headers["webhook-timestamp"]), received.Body),
            received.Headers["webhook-signature"]);
        Assert.Empty(Receiver.At("other"));
        await Eventually.EqualAsync(0L, async () => (await process.GetAsync(Bench.Tenant, wanted.Endpoint.Id)).Waiting);
    }

    [Fact]
    public async Task A_recipients_text_reaches_who_asked_for_it_between_the_events_of_messages()
    {
        var process = await Bench.StartAsync();
        await process.CreateAsync(Bench.Tenant, Receiver.Url("texts"), "message.received", "message.delivered");
        await process.CreateAsync(Bench.OtherTenant, Receiver.Url("other"), "message.received");
        var answered = await Bench.DeliverMessageAsync();

        await Bench.ExecuteAsync($"""
            INSERT INTO inbound_texts (sid, sid_kind, tenant_id, account_id, number, to_address, body, keyword, found_by, reply_to, reply_campaign)
            SELECT gen_random_uuid(), 'S', '{Bench.Tenant}', gen_random_uuid(), 14155550123, '78701', 'Do you have it in red? ' || n, 0, 0, '{answered.Id}', 'spring'
            FROM generate_series(1, 3) n
            """);
        await Bench.DeliverMessageAsync();

        await Eventually.TrueAsync(() => Receiver.At("texts").Count == 5);
        var bodies = Receiver.At("texts").Select(received => JsonDocument.Parse(received.Body).RootElement).ToList();
        Assert.Equal(2, bodies.Count(body => body.GetProperty("type").GetString() == "message.delivered"));
        var texts = bodies.Where(body => body.GetProperty("type").GetString() == "message.received").Select(body => body.GetProperty("data")).ToList();
        Assert.Equal(3, texts.Select(text => text.GetProperty("body").GetString()).Distinct().Count());
        Assert.All(texts, text => Assert.Equal(
            ("+14155550123", "78701", "spring", answered.Id.ToString()),
            (text.GetProperty("from").GetString(), text.GetProperty("to").GetString(), text.GetProperty("campaign_id").GetString(), text.GetProperty("reply_to").GetString())));
        Assert.Empty(Receiver.At("other"));
    }

    [Fact]
    public async Task What_was_enqueued_outlives_the_process_that_was_delivering_it()
    {
        var first = await Bench.StartAsync();
        var endpoint = (await first.CreateAsync(Bench.Tenant, Receiver.Url("hang"))).Endpoint.Id;
        await Bench.DeliverMessageAsync();
        await Eventually.TrueAsync(() => Receiver.Hanging == 1);

        await first.StopAsync();
        await Bench.DeliverMessageAsync();
        Receiver.Release();
        var second = await Bench.StartAsync();

        await Eventually.TrueAsync(async () => (await second.Deliveries.ListAsync(Bench.Tenant, endpoint, null, 10, default)) is [{ State: "delivered" }, { State: "delivered" }]);
        var ids = Receiver.At("hang").Select(received => received.Id).ToList();
        Assert.Equal(3, ids.Count);
        Assert.Equal(2, ids.Distinct().Count());
        Assert.All(await second.Deliveries.ListAsync(Bench.Tenant, endpoint, null, 10, default), delivery => Assert.Equal(1, delivery.Attempts));
    }

    [Fact]
    public async Task What_a_process_that_vanished_was_delivering_is_taken_up_when_its_hold_runs_out()
    {
        var process = await Bench.StartAsync();
        var endpoint = (await process.CreateAsync(Bench.Tenant, Receiver.Url("good"))).Endpoint.Id;
        await Bench.ExecuteAsync("UPDATE webhook_endpoints SET held_by = id, held_until = now() + interval '1 hour', due_at = now() + interval '1 hour'");
        await Bench.DeliverMessageAsync();
        await Eventually.EqualAsync(1L, async () => (await process.GetAsync(Bench.Tenant, endpoint)).Waiting);
        Assert.Empty(Receiver.Received);

        await Bench.ExecuteAsync("UPDATE webhook_endpoints SET held_until = now(), due_at = now()");

        await Eventually.TrueAsync(() => Receiver.At("good").Count == 1);
    }

    [Fact]
    public async Task Two_processes_make_each_delivery_once()
    {
        var processes = new[] { await Bench.StartAsync(), await Bench.StartAsync() };
        var endpoint = (await processes[0].CreateAsync(Bench.Tenant, Receiver.Url("good"))).Endpoint.Id;
        for (var i = 0; i < 10; i++)
        {
            await Bench.DeliverMessageAsync();
        }

        // The turn goes over while events come.
        await processes[0].StopAsync();
        for (var i = 0; i < 10; i++)
        {
            await Bench.DeliverMessageAsync();
        }

        await Eventually.TrueAsync(() => Receiver.At("good").Select(received => received.Id).Distinct().Count() == 20);
        Assert.Equal(20, (await processes[1].Deliveries.ListAsync(Bench.Tenant, endpoint, null, 100, default)).Select(d => d.MessageId).Distinct().Count());
        Assert.Equal(20L, await Bench.Ledger.ScalarAsync<long>("SELECT count(*) FROM webhook_deliveries"));
    }
}
