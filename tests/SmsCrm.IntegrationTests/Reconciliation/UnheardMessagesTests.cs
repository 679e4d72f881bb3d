using SmsCrm.IntegrationTests.SendPipeline;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Reconciliation;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Reconciliation;

public sealed class UnheardMessagesTests(DatabaseFixture database, RedisFixture redis) : IClassFixture<DatabaseFixture>, IClassFixture<RedisFixture>
{
    [Fact]
    public async Task A_callback_that_was_lost_comes_back_by_asking_the_provider()
    {
        await using var bench = await SendBench.StartAsync(database, redis);
        var request = bench.NewRequest();
        await bench.SendAsync(request);
        await Eventually.EqualAsync(MessageState.Taken, () => bench.StateAsync(request));
        bench.Provider.Knows = sid => new ProviderMessage(sid, "+12025550101", "", "", "delivered", null, null, "outbound-api");
        using var meters = new TestMeters();
        var unheard = new UnheardMessages(
            bench.Get<ILedgerReads>(),
            bench.Get<IMessageLedger>(),
            bench.Provider,
            bench.Get<ProviderDirectory>(),
            new ReconciliationOptions { PollAfterSeconds = 0 },
            new ReconciliationMetrics(meters));

        await unheard.VisitAsync(default);

        Assert.Equal(MessageState.Delivered, await bench.StateAsync(request));
    }
}
