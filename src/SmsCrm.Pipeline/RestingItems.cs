using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline;

/// <summary>
/// Messages that rest for a moment, because a slot or a token will be there within it: cheaper than a way through Waiting.
/// Bounded; who finds it full waits for room. A tenant may fill a quarter of it.
/// </summary>
internal sealed class RestingItems(SendPipelineOptions options, TimeProvider clock) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<SendItem, long> _items = new();
    private readonly Dictionary<TenantId, int> _byTenant = [];
    private readonly SemaphoreSlim _room = new(options.Resting);

    public int Count => options.Resting - _room.CurrentCount;

    public bool HasShareFor(TenantId tenant)
    {
        lock (_lock)
        {
            return _byTenant.GetValueOrDefault(tenant) < options.Resting / 4;
        }
    }

    public async ValueTask AddAsync(SendItem item, TimeSpan rest, CancellationToken cancellation)
    {
        await _room.WaitAsync(cancellation).ConfigureAwait(false);
        var due = clock.GetTimestamp() + (long)(rest.TotalSeconds * clock.TimestampFrequency);
        lock (_lock)
        {
            _items.Enqueue(item, due);
            _byTenant[item.Message.Tenant] = _byTenant.GetValueOrDefault(item.Message.Tenant) + 1;
        }
    }

    /// <summary>Those whose rest is over, in the order of its end; at most <paramref name="most"/>.</summary>
    public List<SendItem> TakeDue(int most)
    {
        var due = new List<SendItem>();
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            while (due.Count < most && _items.TryPeek(out var item, out var at) && at <= now)
            {
                _items.Dequeue();
                due.Add(item);
                var left = _byTenant[item.Message.Tenant] - 1;
                if (left == 0)
                {
                    _byTenant.Remove(item.Message.Tenant);
                }
                else
                {
                    _byTenant[item.Message.Tenant] = left;
                }
            }
        }

        if (due.Count > 0)
        {
            _room.Release(due.Count);
        }

        return due;
    }

    public void Dispose() => _room.Dispose();
}
