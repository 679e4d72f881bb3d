using System.Collections.Frozen;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Waiting;

/// <summary>The lanes that have a backlog, as last seen: new traffic for them joins their end instead of overtaking it.</summary>
internal sealed class LaneBacklogs
{
    private FrozenSet<LaneKey> _lanes = FrozenSet<LaneKey>.Empty;

    public int Count => Volatile.Read(ref _lanes).Count;

    public bool Has(in LaneKey lane) => Volatile.Read(ref _lanes).Contains(lane);

    public void Seen(IEnumerable<LaneKey> lanes) => Volatile.Write(ref _lanes, lanes.ToFrozenSet());
}
