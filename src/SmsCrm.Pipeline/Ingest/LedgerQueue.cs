using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>Commits <c>queued</c> rows for many callers at once: the acceptance itself where the broker is not durable.</summary>
internal sealed class LedgerQueue
{
    private const int BatchSize = 500;
    private const int Writers = 2;

    private readonly IMessageLedger _ledger;
    private readonly BatchCombiner<AcceptedMessage, EntryResult> _batches;

    public LedgerQueue(IMessageLedger ledger)
    {
        _ledger = ledger;
        _batches = new BatchCombiner<AcceptedMessage, EntryResult>(BatchSize, Writers, EnqueueAsync);
    }

    public Task<EntryResult> EnqueueAsync(AcceptedMessage message) => _batches.SubmitAsync(message);

    private async Task<IReadOnlyList<EntryResult>> EnqueueAsync(IReadOnlyList<AcceptedMessage> messages)
    {
        // A batch holds an id once; two tries under one idempotency key may meet here. Sorted, because keys in order are cheaper to write.
        var distinct = messages.DistinctBy(static m => m.Id).OrderBy(static m => m.Id).ToList();

        // Nobody's cancellation is everybody's.
        var results = await _ledger.EnqueueAsync(distinct, CancellationToken.None).ConfigureAwait(false);
        var byId = new Dictionary<MessageId, EntryResult>(results.Count);
        foreach (var result in results)
        {
            byId[result.Id] = result;
        }

        return [.. messages.Select(m => byId[m.Id])];
    }
}
