using System.Collections.Concurrent;
using System.Text;
using SmsCrm.Streams.Consuming;

namespace SmsCrm.IntegrationTests.Streams;

/// <summary>Notes what it was given, and completes it unless told otherwise.</summary>
internal sealed class RecordingHandler(Func<RecordBatch, Task>? handle = null) : IRecordBatchHandler
{
    private readonly ConcurrentQueue<(string Topic, int Partition, long Offset, string Value)> _seen = new();

    public IReadOnlyCollection<(string Topic, int Partition, long Offset, string Value)> Seen => _seen;

    public IReadOnlySet<string> Values => _seen.Select(static s => s.Value).ToHashSet();

    public async Task HandleAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        foreach (var record in batch)
        {
            _seen.Enqueue((record.Topic, record.Partition, record.Offset, Encoding.UTF8.GetString(record.Value.Span)));
        }

        if (handle is null)
        {
            batch.CompleteAll();
        }
        else
        {
            await handle(batch);
        }
    }
}
