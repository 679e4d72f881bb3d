using SmsCrm.Streams.Producing;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>Where accepted requests are appended: Kafka, an edge of the process; tests put broken and slow ones in its place.</summary>
internal interface IRequestLog
{
    /// <summary>Whether an acknowledged record survives the broker's process.</summary>
    bool IsDurable { get; }

    /// <summary>Ends with the broker's answer, or with the certainty or doubt that takes its place. Await it once.</summary>
    ValueTask<ProduceOutcome> AppendAsync(in OutgoingRecord record, CancellationToken cancellation);
}
