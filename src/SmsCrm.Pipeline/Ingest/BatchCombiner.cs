using System.Collections.Concurrent;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>
/// Turns single requests into batches without making them wait for company: the first goes at once, and whatever comes while it is on its
/// way goes together in the next.
/// </summary>
/// <param name="maxBatch">Most items in one batch.</param>
/// <param name="maxConcurrency">Batches on their way at once.</param>
/// <param name="run">Answers a batch, in its order. Its exception goes to every item of the batch.</param>
internal sealed class BatchCombiner<TItem, TResult>(int maxBatch, int maxConcurrency, Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> run)
{
    private readonly ConcurrentQueue<(TItem Item, TaskCompletionSource<TResult> Done)> _queue = new();
    private int _running;

    public Task<TResult> SubmitAsync(TItem item)
    {
        var done = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Enqueue((item, done));
        StartIfThereIsRoom();
        return done.Task;
    }

    private void StartIfThereIsRoom()
    {
        if (TryBegin())
        {
            _ = Task.Run(DrainAsync);
        }
    }

    private bool TryBegin()
    {
        if (Interlocked.Increment(ref _running) <= maxConcurrency)
        {
            return true;
        }

        Interlocked.Decrement(ref _running);
        return false;
    }

    private async Task DrainAsync()
    {
        do
        {
            for (var batch = Take(); batch.Count > 0; batch = Take())
            {
                await RunAsync(batch).ConfigureAwait(false);
            }

            Interlocked.Decrement(ref _running);

            // Whoever queued between the last look and the decrement may have found no room.
        }
        while (!_queue.IsEmpty && TryBegin());
    }

    private List<(TItem Item, TaskCompletionSource<TResult> Done)> Take()
    {
        var batch = new List<(TItem, TaskCompletionSource<TResult>)>();
        while (batch.Count < maxBatch && _queue.TryDequeue(out var next))
        {
            batch.Add(next);
        }

        return batch;
    }

    private async Task RunAsync(List<(TItem Item, TaskCompletionSource<TResult> Done)> batch)
    {
        try
        {
            var results = await run(batch.ConvertAll(static b => b.Item)).ConfigureAwait(false);
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Done.SetResult(results[i]);
            }
        }
        catch (Exception failure)
        {
            foreach (var (_, done) in batch)
            {
                done.TrySetException(failure);
            }
        }
    }
}
