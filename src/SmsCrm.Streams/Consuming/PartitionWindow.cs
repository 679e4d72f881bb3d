namespace SmsCrm.Streams.Consuming;

/// <summary>What a completion did to its window.</summary>
internal enum CompletionOutcome
{
    /// <summary>The head of the window moved: there is a new offset to store.</summary>
    Advanced,

    /// <summary>Noted; something before it is still in work.</summary>
    Kept,

    /// <summary>It belongs to an assignment that has ended: ignored.</summary>
    Stale,

    /// <summary>It was completed before: ignored.</summary>
    Repeated,
}

/// <summary>
/// The records of one assignment of one partition that were handed out and are not all complete: a fixed ring, indexed by
/// the order of delivery (offsets may have gaps). Completions come in any order; <see cref="Watermark"/> is the offset that
/// may be stored: everything below it is complete. Pure, and used by the consumer's thread alone.
/// </summary>
internal sealed class PartitionWindow
{
    private readonly long[] _offsets;
    private readonly long[] _deliveredAt;
    private readonly bool[] _complete;
    private long _head;
    private long _tail;

    /// <param name="capacity">How many records may be in work at once: 2 or more.</param>
    /// <param name="epoch">Number of the assignment; completions of another one are stale.</param>
    /// <param name="position">The first offset that this assignment may deliver.</param>
    public PartitionWindow(int capacity, long epoch, long position)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 2);
        _offsets = new long[capacity];
        _deliveredAt = new long[capacity];
        _complete = new bool[capacity];
        Epoch = epoch;
        Watermark = position;
        NextOffset = position;
    }

    public long Epoch { get; private set; }

    /// <summary>Everything below this offset is complete. It never goes back within an assignment.</summary>
    public long Watermark { get; private set; }

    /// <summary>One past the last offset delivered: the lowest that may be delivered next.</summary>
    public long NextOffset { get; private set; }

    public int Capacity => _offsets.Length;

    /// <summary>Places taken in the ring, from the oldest incomplete record to the newest one delivered.</summary>
    public int Count => (int)(_tail - _head);

    public bool IsFull => Count == Capacity;

    public bool IsHalfEmpty => Count <= Capacity / 2;

    public bool IsEmpty => Count == 0;

    /// <summary>When the oldest incomplete record was delivered, in the caller's units; null where nothing is in work.</summary>
    public long? OldestDeliveredAt => IsEmpty ? null : _deliveredAt[Slot(_head)];

    /// <summary>Takes a place for a delivered record. False when the ring is full: pause the partition.</summary>
    /// <param name="offset">Not below <see cref="NextOffset"/>.</param>
    /// <param name="now">Time of delivery, in any unit of the caller's.</param>
    /// <param name="sequence">The record's number in the order of delivery, by which it is completed.</param>
    public bool TryAdd(long offset, long now, out long sequence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, NextOffset);
        sequence = _tail;
        if (IsFull)
        {
            return false;
        }

        var slot = Slot(_tail);
        _offsets[slot] = offset;
        _deliveredAt[slot] = now;
        _complete[slot] = false;
        _tail++;
        NextOffset = offset + 1;
        return true;
    }

    public CompletionOutcome Complete(long epoch, long sequence)
    {
        if (epoch != Epoch)
        {
            return CompletionOutcome.Stale;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sequence, _tail);
        if (sequence < _head || _complete[Slot(sequence)])
        {
            return CompletionOutcome.Repeated;
        }

        _complete[Slot(sequence)] = true;
        if (sequence != _head)
        {
            return CompletionOutcome.Kept;
        }

        while (_head < _tail && _complete[Slot(_head)])
        {
            Watermark = _offsets[Slot(_head)] + 1;
            _head++;
        }

        return CompletionOutcome.Advanced;
    }

    /// <summary>Begins a new assignment in the same ring: whatever was in work is forgotten, its completions become stale.</summary>
    public void Restart(long epoch, long position)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(epoch, Epoch);
        Epoch = epoch;
        Watermark = position;
        NextOffset = position;
        _head = _tail;
    }

    private int Slot(long sequence) => (int)(sequence % Capacity);
}
