using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Reconciliation;

/// <summary>Since when this process has seen an attempt unknown, by its own clock that nobody sets. A restart begins anew.</summary>
internal sealed class EvidenceClock(TimeProvider clock)
{
    private readonly Dictionary<(MessageId, short), long> _since = [];

    public TimeSpan Note(MessageId id, short attempt)
    {
        if (!_since.TryGetValue((id, attempt), out var since))
        {
            _since[(id, attempt)] = since = clock.GetTimestamp();
        }

        return clock.GetElapsedTime(since);
    }

    public void Forget(MessageId id, short attempt) => _since.Remove((id, attempt));
}
