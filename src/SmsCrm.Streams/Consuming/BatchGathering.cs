namespace SmsCrm.Streams.Consuming;

/// <summary>The records that are to be the next batch, until it is full or the oldest of them has waited its time. The consumer's thread alone uses it.</summary>
internal sealed class BatchGathering(ConsumerOptions options, BatchWorkers workers, TimeProvider time)
{
    private readonly List<ConsumedRecord> _records = new(options.BatchSize);
    private long _since;

    public bool IsEmpty => _records.Count == 0;

    public bool IsFull => _records.Count >= options.BatchSize;

    /// <summary>Whether there is a batch to hand over.</summary>
    public bool IsDue => !IsEmpty && (IsFull || TimeLeft == TimeSpan.Zero);

    /// <summary>How long its oldest record still waits for company; only where there is one.</summary>
    public TimeSpan TimeLeft
    {
        get
        {
            var left = TimeSpan.FromMilliseconds(options.BatchLingerMs) - time.GetElapsedTime(_since);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public void Add(ConsumedRecord record)
    {
        if (_records.Count == 0)
        {
            _since = time.GetTimestamp();
        }

        _records.Add(record);
    }

    /// <summary>Gives the workers what there is; false when they have no room.</summary>
    public bool TryHandOver()
    {
        if (_records.Count == 0)
        {
            return true;
        }

        if (!workers.TryQueue(new RecordBatch([.. _records])))
        {
            return false;
        }

        _records.Clear();
        return true;
    }

    /// <summary>Forgets what was not handed over: it is read again.</summary>
    public void Clear() => _records.Clear();
}
