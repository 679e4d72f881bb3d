using System.Collections.Concurrent;
using System.Text;
using SmsCrm.Streams.Consuming;

namespace SmsCrm.IntegrationTests.Streams;

/// <summary>Notes what it was given, then does with it what the test says; by default completes it.</summary>
public sealed class RecordingHandler(Func<RecordBatch, CancellationToken, Task>? handle = null) : IRecordBatchHandler
{
    private readonly ConcurrentQueue<ConsumedRecord> _seen = new();

    public IReadOnlyCollection<ConsumedRecord> Seen => _seen;

    public IReadOnlySet<string> Values => _seen.Select(ValueOf).ToHashSet();

    public static string ValueOf(ConsumedRecord record) => Encoding.UTF8.GetString(record.Value.Span);

    public static RecordingHandler ThatCompletes(Func<ConsumedRecord, bool> which) => new((batch, _) =>
    {
        foreach (var record in batch.Where(which))
        {
            record.Complete();
        }

        return Task.CompletedTask;
    });

    public async Task HandleAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        foreach (var record in batch)
        {
            _seen.Enqueue(record);
        }

        if (handle is not null)
        {
            await handle(batch, cancellationToken);
            return;
        }

        batch.CompleteAll();
    }
}
