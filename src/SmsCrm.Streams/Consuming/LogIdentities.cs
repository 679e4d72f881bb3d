namespace SmsCrm.Streams.Consuming;

/// <summary>The topic ids that this consumer has seen, for as long as its process lives.</summary>
internal sealed class LogIdentities
{
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <summary>Takes in what the broker says now, and answers which topics had another id before.</summary>
    public IReadOnlySet<string> Update(IReadOnlyDictionary<string, string> ids)
    {
        var changed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (topic, id) in ids)
        {
            if (_known.TryGetValue(topic, out var known) && known != id)
            {
                changed.Add(topic);
            }

            _known[topic] = id;
        }

        return changed;
    }
}
