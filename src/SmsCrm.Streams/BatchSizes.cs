using System.Collections.Concurrent;
using System.Text.Json;

namespace SmsCrm.Streams;

/// <summary>Mean bytes of a record in the log, by topic, from the client's statistics of its batches.</summary>
internal sealed class BatchSizes
{
    private readonly ConcurrentDictionary<string, double> _bytesPerRecord = new(StringComparer.Ordinal);

    /// <summary>0 where nothing was produced by this process yet.</summary>
    public double BytesPerRecord(string topic) => _bytesPerRecord.GetValueOrDefault(topic);

    public void Read(string statistics)
    {
        using var document = JsonDocument.Parse(statistics);
        foreach (var topic in document.RootElement.GetProperty("topics").EnumerateObject())
        {
            var bytes = topic.Value.GetProperty("batchsize").GetProperty("sum").GetDouble();
            var records = topic.Value.GetProperty("batchcnt").GetProperty("sum").GetDouble();
            if (records > 0)
            {
                _bytesPerRecord[topic.Name] = bytes / records;
            }
        }
    }
}
