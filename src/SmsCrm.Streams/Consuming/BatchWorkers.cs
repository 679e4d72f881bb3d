using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace SmsCrm.Streams.Consuming;

/// <summary>
/// The workers of one consumer: a bounded channel of batches, each handled by one of them until its handler returns without
/// an exception.
/// </summary>
internal sealed class BatchWorkers : IAsyncDisposable
{
    private readonly ConsumerOptions _options;
    private readonly IRecordBatchHandler _handler;
    private readonly ConsumerGate _gate;
    private readonly ConsumerState _state;
    private readonly StreamsMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Channel<RecordBatch> _batches;
    private readonly SemaphoreSlim _taken = new(0, 1);
    private readonly CancellationTokenSource _giveUp = new();
    private readonly KeyValuePair<string, object?> _tag;
    private Task _workers = Task.CompletedTask;
    private int _failing;
    private int _idle;

    public BatchWorkers(
        ConsumerOptions options, IRecordBatchHandler handler, ConsumerGate gate, ConsumerState state, StreamsMetrics metrics, ILogger logger, TimeProvider time)
    {
        _options = options;
        _handler = handler;
        _gate = gate;
        _state = state;
        _metrics = metrics;
        _logger = logger;
        _time = time;
        _tag = new("consumer", options.Name);
        _batches = Channel.CreateBounded<RecordBatch>(new BoundedChannelOptions(options.QueuedBatches) { SingleWriter = true });
    }

    /// <summary>Whether some worker has nothing to do: then a batch need not wait for company.</summary>
    public bool AnyIdle => Volatile.Read(ref _idle) > 0 && _batches.Reader.Count == 0;

    public void Start() => _workers = Task.WhenAll(Enumerable.Range(0, _options.Workers).Select(_ => Task.Run(WorkAsync)));

    public bool TryQueue(RecordBatch batch) => _batches.Writer.TryWrite(batch);

    /// <summary>For the consumer's thread, which may block: until a worker took a batch, or the time is over.</summary>
    public void WaitForRoom(TimeSpan timeout) => _taken.Wait(timeout);

    /// <summary>Ends the workers: what is in work is cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        _batches.Writer.TryComplete();
        await _giveUp.CancelAsync().ConfigureAwait(false);
        await _workers.ConfigureAwait(false);
        _giveUp.Dispose();
        _taken.Dispose();
    }

    private async Task WorkAsync()
    {
        Interlocked.Increment(ref _idle);
        try
        {
            await foreach (var batch in _batches.Reader.ReadAllAsync(_giveUp.Token).ConfigureAwait(false))
            {
                Interlocked.Decrement(ref _idle);
                SignalRoom();
                await _gate.WaitUntilOpenAsync(_giveUp.Token).ConfigureAwait(false);
                await HandleUntilDoneAsync(batch).ConfigureAwait(false);
                Interlocked.Increment(ref _idle);
            }
        }
        catch (OperationCanceledException) when (_giveUp.IsCancellationRequested)
        {
            // What was not completed is read again by whoever gets the partitions next.
        }
    }

    private async Task HandleUntilDoneAsync(RecordBatch batch)
    {
        var isFailing = false;
        try
        {
            for (var attempt = 0; ; attempt++)
            {
                batch = batch.StillWanted();
                if (batch.Count == 0 || await TryHandleAsync(batch, attempt).ConfigureAwait(false))
                {
                    return;
                }

                if (!isFailing)
                {
                    isFailing = true;
                    Interlocked.Increment(ref _failing);
                }

                await Task.Delay(Backoff(attempt), _time, _giveUp.Token).ConfigureAwait(false);
                await _gate.WaitUntilOpenAsync(_giveUp.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            if (isFailing && Interlocked.Decrement(ref _failing) == 0)
            {
                _state.HandlerTrouble = null;
            }
        }
    }

    private async Task<bool> TryHandleAsync(RecordBatch batch, int attempt)
    {
        var startedAt = _time.GetTimestamp();
        try
        {
            await _handler.HandleAsync(batch, _giveUp.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (_giveUp.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is not UnreachableException)
        {
            _metrics.BatchFailures.Add(1, _tag);
            _state.HandlerTrouble = $"A batch of {batch.Count} records failed {attempt + 1} times and is tried again: {e.GetType().Name}: {e.Message}";
            Log.BatchFailed(_logger, e, _options.Name, batch.Count, (int)Backoff(attempt).TotalMilliseconds);
            return false;
        }
        finally
        {
            _metrics.BatchDuration.Record(_time.GetElapsedTime(startedAt).TotalSeconds, _tag);
        }
    }

    private TimeSpan Backoff(int attempt) =>
        TimeSpan.FromMilliseconds(Math.Min((long)_options.RetryBackoffMs << Math.Min(attempt, 20), _options.RetryBackoffMs * 100L));

    private void SignalRoom()
    {
        if (_taken.CurrentCount == 0)
        {
            try
            {
                _taken.Release();
            }
            catch (SemaphoreFullException)
            {
                // Another worker signalled at the same moment.
            }
        }
    }
}
