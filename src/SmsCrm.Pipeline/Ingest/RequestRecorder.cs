using System.Threading.Channels;
using SmsCrm.Streams.Consuming;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>
/// Takes the records of <c>sms.requests.*</c> in a group of the recorder's own and hands them to <see cref="RecorderWorker"/>, which
/// completes them. The consumer's workers are not held up by its delay; a full queue holds them, and with them the partitions.
/// </summary>
internal sealed class RequestRecorder : IRecordBatchHandler
{
    /// <summary>A second's worth at 10,000 messages a second, in batches of a few milliseconds.</summary>
    private const int QueuedBatches = 512;

    private readonly Channel<RecordBatch> _queue = Channel.CreateBounded<RecordBatch>(new BoundedChannelOptions(QueuedBatches) { SingleReader = true });

    public ChannelReader<RecordBatch> Queue => _queue.Reader;

    public async Task HandleAsync(RecordBatch batch, CancellationToken cancellationToken) =>
        await _queue.Writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
}
