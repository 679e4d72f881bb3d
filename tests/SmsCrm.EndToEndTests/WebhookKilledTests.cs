using System.Globalization;
using Npgsql;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.EndToEndTests;

/// <summary>The process of the role <c>crm</c> killed (kill -9) while it delivers webhooks to receivers that hang.</summary>
public sealed class WebhookKilledTests
{
    private const int Endpoints = 5;
    private const int Texts = 20;

    [Fact]
    public async Task Every_delivery_is_made_under_its_own_id_although_the_process_was_killed_with_deliveries_under_way()
    {
        // The deadline counts for how long a killed process keeps what it held.
        await using var system = await TestSystem.StartAsync(
            KafkaKind.Embedded, new Dictionary<string, string> { ["SmsCrm__Webhooks__DeadlineSeconds"] = "10" }, roles: "ingest,send,record");
        await using var receiver = await WebhookReceiver.StartAsync();
        var port = PrivatePorts.Next();
        using var api = await Api.OfAsync(system, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")));
        List<Guid> endpoints = [];
        List<string> texts = [];
        IReadOnlyList<ReceivedWebhook> underWay;
        await using (var killed = await Role.StartAsync(system, "crm", port))
        {
            await Eventually.PassesAsync(() => api.GetAsync("/v1/webhooks"));
            await UntilTheFeedIsReadAsync(system);
            for (var i = 0; i < Endpoints; i++)
            {
                endpoints.Add((await api.PostAsync("/v1/webhooks", $$"""{"url": "{{receiver.Url($"hang-{i}")}}", "events": ["message.delivered"]}""")).GetProperty("id").GetGuid());
            }

            texts.AddRange(await SendAsync(api));
            await Eventually.TrueAsync(() => receiver.Hanging >= Endpoints);
            await killed.KillAsync();
            underWay = receiver.Received;
        }

        texts.AddRange(await SendAsync(api));
        receiver.Release();
        await using var again = await Role.StartAsync(system, "crm", port);

        await Eventually.PassesAsync(
            async () =>
            {
                foreach (var endpoint in endpoints)
                {
                    var deliveries = (await api.GetAsync($"/v1/webhooks/{endpoint}/deliveries?limit=200")).GetProperty("deliveries").EnumerateArray().ToList();
                    Assert.Equal(texts.Order(), deliveries.Select(delivery => delivery.GetProperty("message_id").GetString()).Order());
                    Assert.All(deliveries, delivery => Assert.Equal("delivered", delivery.GetProperty("state").GetString()));
                }
            },
            TimeSpan.FromMinutes(4));
        TestRun.Say($"{underWay.Count} under way when it was killed, {receiver.Received.Count} requests for {Endpoints * texts.Count} deliveries");
        for (var i = 0; i < Endpoints; i++)
        {
            var received = receiver.At($"hang-{i}");
            Assert.Equal(texts.Order(), received.Select(MessageOf).Distinct().Order());
            Assert.Equal(texts.Count, received.Select(one => (one.Id, MessageOf(one))).Distinct().Count());
        }

        Assert.All(underWay, one => Assert.True(receiver.Received.Count(other => other.Id == one.Id && other.Path == one.Path) > 1, $"{one.Id} was not made again"));
    }

    private static string MessageOf(ReceivedWebhook received) => received.Data.GetProperty("message_id").GetString()!;

    private static async Task<IEnumerable<string>> SendAsync(Api api)
    {
        var ids = new List<string>();
        for (var i = 0; i < Texts; i++)
        {
            ids.Add(await api.SendAsync(string.Create(CultureInfo.InvariantCulture, $"+12125550{100 + i}"), campaign: "webhooks"));
        }

        return ids;
    }

    /// <summary>What happens from then on is told.</summary>
    private static Task UntilTheFeedIsReadAsync(LocalSystem system) => Eventually.TrueAsync(async () =>
    {
        await using var postgres = NpgsqlDataSource.Create(system.PostgresConnectionString);
        await using var command = postgres.CreateCommand("SELECT position FROM webhook_feed");
        return await command.ExecuteScalarAsync() is string;
    });
}
