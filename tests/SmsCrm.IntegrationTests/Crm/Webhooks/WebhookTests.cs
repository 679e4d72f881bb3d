using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Crm.Webhooks;

/// <summary>Tests of webhooks: each with a ledger and a receiver of its own.</summary>
public abstract class WebhookTests(DatabaseFixture databases) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private protected WebhookBench Bench { get; private set; } = null!;

    private protected WebhookReceiver Receiver { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Bench = await WebhookBench.CreateAsync(databases);
        Receiver = await WebhookReceiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Receiver.DisposeAsync();
        await Bench.DisposeAsync();
    }
}
