using System.Collections.Concurrent;
using SmsCrm.Pipeline.Ingest;

namespace SmsCrm.UnitTests.Pipeline.Ingest;

public sealed class BatchCombinerTests
{
    [Fact]
    public async Task What_comes_while_a_batch_is_on_its_way_goes_together_in_the_next()
    {
        var sizes = new ConcurrentQueue<int>();
        var begun = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        var combiner = new BatchCombiner<int, int>(100, 1, async items =>
        {
            sizes.Enqueue(items.Count);
            begun.TrySetResult();
            await gate.Task;
            return [.. items.Select(static i => i * 2)];
        });

        var first = combiner.SubmitAsync(0);
        await begun.Task;
        var rest = Enumerable.Range(1, 250).Select(combiner.SubmitAsync).ToList();
        gate.SetResult();

        Assert.Equal(0, await first);
        Assert.Equal(Enumerable.Range(1, 250).Select(static i => i * 2), await Task.WhenAll(rest));
        Assert.Equal([1, 100, 100, 50], sizes);
    }

    [Fact]
    public async Task A_failing_batch_fails_its_items_alone()
    {
        var combiner = new BatchCombiner<int, int>(1, 2, static items =>
            items[0] == 1 ? throw new InvalidOperationException("one") : Task.FromResult<IReadOnlyList<int>>([items[0]]));

        var tasks = Enumerable.Range(0, 3).Select(combiner.SubmitAsync).ToArray();

        Assert.Equal(0, await tasks[0]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => tasks[1]);
        Assert.Equal(2, await tasks[2]);
    }

    [Fact]
    public async Task Nothing_is_left_behind_when_many_submit_at_once()
    {
        var combiner = new BatchCombiner<int, int>(7, 2, static async items =>
        {
            await Task.Yield();
            return [.. items];
        });

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(start => Task.Run(async () =>
        {
            var sum = 0;
            for (var i = 0; i < 2_000; i++)
            {
                sum += await combiner.SubmitAsync(start);
            }

            return sum;
        })));

        Assert.Equal(Enumerable.Range(0, 8).Select(static s => s * 2_000), results);
    }
}
