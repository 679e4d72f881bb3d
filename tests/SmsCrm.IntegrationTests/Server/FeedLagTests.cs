using System.Diagnostics.Metrics;
using Npgsql;
using SmsCrm.Contracts.V1;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Server;

/// <summary>What the server's metrics say while a transaction holds the feeds back.</summary>
public sealed class FeedLagTests(CrmServer server) : IClassFixture<CrmServer>
{
    [Fact]
    public async Task While_a_forgotten_transaction_holds_webhooks_and_Watch_back_their_lag_grows_and_its_session_is_named()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await server.CallAsync(HttpMethod.Post, "/v1/webhooks", $$"""{"url": "{{receiver.Url("told")}}", "events": ["message.queued"]}""");
        using var watching = server.Watch(new WatchRequest());
        await watching.ResponseHeadersAsync;
        await using var session = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(server.Bench.ConnectionString) { ApplicationName = "forgotten session", Pooling = false }.ConnectionString);
        await session.OpenAsync();
        await using var transaction = await session.BeginTransactionAsync();
        await using (var write = new NpgsqlCommand("SELECT pg_current_xact_id()", session))
        {
            await write.ExecuteNonQueryAsync();
        }

        await server.Bench.Ledger.EnqueueAsync([server.Bench.NewMessage()], default);

        await Eventually.PassesAsync(() =>
        {
            var (held, by) = Read("smscrm.feed.held");
            Assert.Equal($"pid={session.ProcessID} application_name=forgotten session database={session.Database}", by);
            Assert.All([held, Read("smscrm.webhooks.lag").Value, Read("smscrm.watch.lag").Value], seconds => Assert.InRange(seconds, 5, 600));
            return Task.CompletedTask;
        });
        Assert.Empty(receiver.At("told"));

        await transaction.CommitAsync();

        await Eventually.PassesAsync(() =>
        {
            Assert.Single(receiver.At("told"));
            Assert.All(["smscrm.feed.held", "smscrm.webhooks.lag", "smscrm.watch.lag"], gauge => Assert.Equal((0, ""), Read(gauge)));
            return Task.CompletedTask;
        });
    }

    private (double Value, string Tags) Read(string gauge) => Gauge.Read(server.Get<IMeterFactory>(), gauge);
}
