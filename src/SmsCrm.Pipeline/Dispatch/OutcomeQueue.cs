using System.Threading.Channels;
using SmsCrm.Pipeline.Ledger;

namespace SmsCrm.Pipeline.Dispatch;

/// <summary>Outcomes on their way to the ledger. When it is full, POSTs end only as fast as the ledger takes their outcomes.</summary>
internal sealed class OutcomeQueue(DispatchOptions options)
{
    private readonly Channel<OutcomeEntry> _channel = Channel.CreateBounded<OutcomeEntry>(options.OutcomesWaiting);

    public ValueTask AddAsync(OutcomeEntry outcome) => _channel.Writer.WriteAsync(outcome);

    public void Complete() => _channel.Writer.TryComplete();

    /// <summary>The next group: what is there, and what comes within the linger; empty at the end.</summary>
    public async ValueTask<List<OutcomeEntry>> TakeAsync(TimeProvider time, CancellationToken cancellation)
    {
        var group = new List<OutcomeEntry>();
        if (!await _channel.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            return group;
        }

        Fill(group);
        if (group.Count < options.OutcomeBatch && options.OutcomeLingerMs > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(options.OutcomeLingerMs), time, cancellation).ConfigureAwait(false);
            Fill(group);
        }

        return group;
    }

    private void Fill(List<OutcomeEntry> group)
    {
        while (group.Count < options.OutcomeBatch && _channel.Reader.TryRead(out var outcome))
        {
            group.Add(outcome);
        }
    }
}
