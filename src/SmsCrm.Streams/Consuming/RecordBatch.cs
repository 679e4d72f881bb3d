using System.Collections;

namespace SmsCrm.Streams.Consuming;

/// <summary>Records that one worker handles together, in the order in which they came.</summary>
public sealed class RecordBatch : IReadOnlyList<ConsumedRecord>
{
    private readonly ConsumedRecord[] _records;

    internal RecordBatch(ConsumedRecord[] records) => _records = records;

    public int Count => _records.Length;

    public ConsumedRecord this[int index] => _records[index];

    public ReadOnlySpan<ConsumedRecord> AsSpan() => _records;

    /// <summary>Completes every record that is not complete yet.</summary>
    public void CompleteAll()
    {
        foreach (var record in _records)
        {
            record.Complete();
        }
    }

    public IEnumerator<ConsumedRecord> GetEnumerator() => ((IEnumerable<ConsumedRecord>)_records).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _records.GetEnumerator();

    /// <summary>What is neither complete nor of an assignment that has ended; this batch itself where that is everything.</summary>
    internal RecordBatch StillWanted()
    {
        if (Array.TrueForAll(_records, static r => r.IsWanted))
        {
            return this;
        }

        return new RecordBatch(Array.FindAll(_records, static r => r.IsWanted));
    }
}
