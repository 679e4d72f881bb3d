using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;
using Confluent.Kafka;

namespace SmsCrm.Streams.Producing;

/// <summary>
/// The wait for one record's acknowledgement, used again and again: a record costs no task and no closure. It returns to
/// the pool when its outcome has been read.
/// </summary>
internal sealed class PendingDelivery : IValueTaskSource<ProduceOutcome>
{
    private readonly Pool _pool;
    private IClient? _client;
    private ManualResetValueTaskSourceCore<ProduceOutcome> _core = new() { RunContinuationsAsynchronously = true };

    private PendingDelivery(Pool pool)
    {
        _pool = pool;
        OnReport = report => _pool.Reported(this, report);
    }

    public Action<DeliveryReport<byte[]?, byte[]>> OnReport { get; }

    /// <summary>When the record was handed to the client, as the time provider's timestamp.</summary>
    public long StartedAt { get; set; }

    public ValueTask<ProduceOutcome> Task => new(this, _core.Version);

    /// <summary>From here on a report, or the end of that client, ends the wait: whichever is first.</summary>
    public void Begin(IClient client) => Volatile.Write(ref _client, client);

    public bool TryEnd() => Interlocked.Exchange(ref _client, null) is not null;

    public void Complete(ProduceOutcome outcome) => _core.SetResult(outcome);

    ProduceOutcome IValueTaskSource<ProduceOutcome>.GetResult(short token)
    {
        var outcome = _core.GetResult(token);
        _core.Reset();
        _pool.Return(this);
        return outcome;
    }

    ValueTaskSourceStatus IValueTaskSource<ProduceOutcome>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<ProduceOutcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    internal sealed class Pool(Action<PendingDelivery, DeliveryReport<byte[]?, byte[]>> reported)
    {
        private readonly ConcurrentQueue<PendingDelivery> _free = new();
        private readonly ConcurrentQueue<PendingDelivery> _all = new();

        public PendingDelivery Rent()
        {
            if (_free.TryDequeue(out var free))
            {
                return free;
            }

            var pending = new PendingDelivery(this);
            _all.Enqueue(pending);
            return pending;
        }

        public void Reported(PendingDelivery pending, DeliveryReport<byte[]?, byte[]> report) => reported(pending, report);

        /// <summary>As many as were ever waited for at once stay.</summary>
        public void Return(PendingDelivery pending)
        {
            Volatile.Write(ref pending._client, null);
            _free.Enqueue(pending);
        }

        /// <summary>Ends the waits for that client, and yields them for completion.</summary>
        public IEnumerable<PendingDelivery> OnTheirWayBy(IClient client) =>
            _all.Where(pending => ReferenceEquals(Interlocked.CompareExchange(ref pending._client, null, client), client));
    }
}
