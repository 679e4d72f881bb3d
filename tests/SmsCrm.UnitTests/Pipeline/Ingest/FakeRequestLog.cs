using System.Collections.Concurrent;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Streams.Producing;

namespace SmsCrm.UnitTests.Pipeline.Ingest;

/// <summary>Acknowledges at once, or as it is told.</summary>
internal sealed class FakeRequestLog : IRequestLog
{
    public bool IsDurable { get; set; } = true;

    public ConcurrentQueue<OutgoingRecord> Appended { get; } = new();

    public Func<Task<ProduceOutcome>> Answer { get; set; } = static () => Task.FromResult(new ProduceOutcome(ProduceFate.Acknowledged, 0, 0, null));

    public ValueTask<ProduceOutcome> AppendAsync(in OutgoingRecord record, CancellationToken cancellation)
    {
        Appended.Enqueue(record);
        return new(Answer());
    }
}
