namespace SmsCrm.TwilioSimulator.Control;

/// <summary>How many creates came for each sender (or messaging service) in each second; the last hour of it.</summary>
internal sealed class ArrivalLog
{
    public const int Seconds = 3600;

    private readonly Lock _gate = new();
    private readonly Second?[] _ring = new Second?[Seconds];

    public void Taken(string sender, int segments, long nowMs)
    {
        lock (_gate)
        {
            var count = Count_NeedsLock(sender, nowMs);
            count.Taken++;
            count.Segments += segments;
        }
    }

    public void Refused(string? sender, long nowMs)
    {
        lock (_gate)
            Count_NeedsLock(sender ?? "", nowMs).Refused++;
    }

    /// <summary>In order of time and sender.</summary>
    public List<Arrival> Read(string? sender, long fromSecond)
    {
        lock (_gate)
        {
            return [.. _ring
                .Where(second => second is not null && second.Unix >= fromSecond)
                .OrderBy(second => second!.Unix)
                .SelectMany(second => second!.BySender
                    .Where(pair => sender is null || pair.Key == sender)
                    .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                    .Select(pair => new Arrival(second.Unix, pair.Key, pair.Value.Taken, pair.Value.Segments, pair.Value.Refused)))];
        }
    }

    public void Clear()
    {
        lock (_gate)
            Array.Clear(_ring);
    }

    private SenderCount Count_NeedsLock(string sender, long nowMs)
    {
        var unix = nowMs / 1000;
        var second = _ring[unix % Seconds];
        if (second is null || second.Unix != unix)
            _ring[unix % Seconds] = second = new Second(unix);
        // What a caller may make up (a sender that is refused) is not kept for ever, nor without bound.
        if (!second.BySender.TryGetValue(sender, out var count) && second.BySender.Count >= Second.MostSenders)
            sender = "(others)";
        if (!second.BySender.TryGetValue(sender, out count))
            second.BySender[sender] = count = new SenderCount();
        return count;
    }

    private sealed class Second(long unix)
    {
        public const int MostSenders = 2000;

        public long Unix => unix;

        public Dictionary<string, SenderCount> BySender { get; } = new(StringComparer.Ordinal);
    }

    private sealed class SenderCount
    {
        public int Taken;
        public int Segments;
        public int Refused;
    }
}

/// <summary>The creates of one sender in one second.</summary>
/// <param name="Second">Seconds since 1970.</param>
internal sealed record Arrival(long Second, string Sender, int Taken, int Segments, int Refused);
