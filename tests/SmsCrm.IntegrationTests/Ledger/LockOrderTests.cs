using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

public sealed class LockOrderTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncDisposable
{
    private static readonly DateTimeOffset Due = DateTimeOffset.UnixEpoch.AddYears(60);

    private readonly LedgerBench _bench = new(database);

    [Fact]
    public async Task Batches_of_every_kind_over_the_same_messages_and_keys_in_any_order_never_deadlock()
    {
        // Half of them have a row, half have none yet; every key is wanted by two messages.
        var messages = Enumerable.Range(0, 200).Select(i => _bench.NewMessage($"key-{i / 2}")).ToArray();
        await _bench.Ledger.EnqueueAsync([.. messages.Where((_, i) => i % 4 < 2)], default);
        var rows = await _bench.Ledger.ReadAsync([.. messages.Select(m => m.Id)], default);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var round = 0; round < 25; round++)
            {
                var shuffled = messages.ToArray();
                random.Shuffle(shuffled);
                await RunAsync(shuffled, m => rows.GetValueOrDefault(m.Id, RowFacts.NoRow), random.Next(4));
            }
        })));

        Assert.Equal(0, _bench.Retries);
        await _bench.AssertBalancedAsync();
    }

    /// <summary>On facts that soon are stale: what is lost was locked all the same.</summary>
    private Task RunAsync(AcceptedMessage[] messages, Func<AcceptedMessage, RowFacts> seen, int kind) => kind switch
    {
        0 => _bench.Ledger.EnqueueAsync(messages, default),
        1 => _bench.Ledger.ApplyReceiptsAsync([.. messages.Select(m => _bench.Receipt(m, new ProviderSid('S', m.Id.Value), "sent"))], default),
        2 => _bench.Ledger.CancelAsync(_bench.Tenant, [.. messages.Select(m => m.Id)], Reason.None, default),
        _ => _bench.Ledger.DeferAsync([.. messages.Select(m => new DeferEntry(m, seen(m), Reason.Busy, Due, _bench.Sender, null))], default),
    };

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
