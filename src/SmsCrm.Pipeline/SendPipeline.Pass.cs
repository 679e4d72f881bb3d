using SmsCrm.Pipeline.Dispatch;
using SmsCrm.Pipeline.Gates.Facts;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline;

internal sealed partial class SendPipeline
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inWork;
    private bool _isStopping;

    /// <summary>Takes no further batch, and waits for those in work to end.</summary>
    public Task StopAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            _isStopping = true;
            if (_inWork == 0)
            {
                _empty.TrySetResult();
            }
        }

        return _empty.Task.WaitAsync(cancellation);
    }

    private WorkToken Enter()
    {
        lock (_lock)
        {
            if (_isStopping)
            {
                throw new OperationCanceledException("The send pipeline is being stopped");
            }

            _inWork++;
            return new WorkToken(this);
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_inWork == 0 && _isStopping)
            {
                _empty.TrySetResult();
            }
        }
    }

    private readonly struct WorkToken(SendPipeline pipeline) : IDisposable
    {
        public void Dispose() => pipeline.Leave();
    }

    /// <summary>What one pass of a batch has found out so far. Slots that no POST has taken over are given back at its end.</summary>
    private sealed class Pass(IReadOnlyList<SendItem> batch, PostSlots slots) : IDisposable
    {
        public IReadOnlyList<SendItem> Batch { get; } = batch;

        public BatchFacts Facts { get; set; } = null!;

        public ProviderSnapshot Settings { get; set; } = null!;

        /// <summary>The database's clock less this machine's.</summary>
        public TimeSpan ClockOffset { get; set; }

        /// <summary>Those that nothing has stopped so far, in their order.</summary>
        public List<SendItem> Going { get; set; } = [];

        public List<(SendItem Item, Verdict Verdict)> Rejections { get; } = [];

        public List<SendItem> Cancellations { get; } = [];

        public List<(SendItem Item, DeferEntry Entry)> Deferrals { get; } = [];

        public List<(SendItem Item, TimeSpan Wait)> Rests { get; } = [];

        public List<(SendItem Item, RowFacts Claimed)> Won { get; } = [];

        public List<SendItem> Lost { get; } = [];

        /// <summary>Those that make any batch fail, or that the ledger no longer has a place for, with the reason.</summary>
        public List<(SendItem Item, string Why)> Unusable { get; } = [];

        public void Defer(SendItem item, Reason reason, DateTimeOffset due, Guid senderId, string? detail) =>
            Deferrals.Add((item, new DeferEntry(item.Message, item.Seen, reason, due, senderId, detail)));

        public void ReturnSlot(SendItem item)
        {
            if (item.HoldsSlot)
            {
                item.HoldsSlot = false;
                slots.Return(item.Account, item.Message.Purpose, 1);
            }
        }

        public void Dispose()
        {
            foreach (var item in Batch)
            {
                ReturnSlot(item);
            }
        }
    }
}
