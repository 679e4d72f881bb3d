using System.Collections.Concurrent;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Streams.Producing;

namespace SmsCrm.IntegrationTests.Ingest;

/// <summary>Stands before the real log: counts what is appended, and answers in its place when told to.</summary>
internal sealed class RequestLogSpy(IRequestLog log) : IRequestLog
{
    public ConcurrentQueue<OutgoingRecord> Appended { get; } = new();

    /// <summary>What to answer instead of appending; null: append.</summary>
    public Func<OutgoingRecord, ProduceOutcome?>? Instead { get; set; }

    public bool IsDurable { get; set; } = true;

    public IEnumerable<RequestRecord> Records => Appended.Select(static r => RequestRecord.Parser.ParseFrom(r.Value));

    public ValueTask<ProduceOutcome> AppendAsync(in OutgoingRecord record, CancellationToken cancellation)
    {
        Appended.Enqueue(record);
        return Instead?.Invoke(record) is { } answer ? new(answer) : log.AppendAsync(record, cancellation);
    }
}
