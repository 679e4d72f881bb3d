using System.Collections.Concurrent;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Waiting;

/// <summary>What was given out and is not settled: it still stands in its lane, and is not given out twice.</summary>
internal sealed class GivenOut
{
    private readonly ConcurrentDictionary<MessageId, LaneKey> _messages = new();
    private readonly ConcurrentDictionary<LaneKey, int> _byLane = new();

    public int Count => _messages.Count;

    public bool Has(MessageId id) => _messages.ContainsKey(id);

    public int Of(in LaneKey lane) => _byLane.GetValueOrDefault(lane);

    public bool TryAdd(MessageId id, in LaneKey lane)
    {
        if (!_messages.TryAdd(id, lane))
        {
            return false;
        }

        _byLane.AddOrUpdate(lane, 1, static (_, count) => count + 1);
        return true;
    }

    public void Settled(MessageId id)
    {
        if (_messages.TryRemove(id, out var lane) && _byLane.AddOrUpdate(lane, 0, static (_, count) => count - 1) == 0)
        {
            _byLane.TryRemove(new KeyValuePair<LaneKey, int>(lane, 0));
        }
    }
}
