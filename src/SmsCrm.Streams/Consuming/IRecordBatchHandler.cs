namespace SmsCrm.Streams.Consuming;

/// <summary>
/// What a consumer does with its records. Called by several workers at once, each with a batch of its own.
/// </summary>
/// <remarks>
/// A record counts as done only when <see cref="ConsumedRecord.Complete"/> is called on it, which may be after the method has
/// returned. An exception never counts as done: what the batch holds that is not complete by then is handed over again after
/// a pause, and the consumer reports itself not ready meanwhile. So a handler that keeps stragglers beyond its return must
/// not throw because of the others.
/// </remarks>
public interface IRecordBatchHandler
{
    /// <param name="batch">At least one record, at most <see cref="ConsumerOptions.BatchSize"/>, of any of the topics.</param>
    /// <param name="cancellationToken">Cancelled when the consumer stops and its time to drain is over.</param>
    Task HandleAsync(RecordBatch batch, CancellationToken cancellationToken);
}
