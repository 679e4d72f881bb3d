using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using SmsCrm.Streams.Producing;

namespace SmsCrm.Streams;

/// <summary>Every instrument of this room, in the meter <c>SmsCrm.Streams</c>.</summary>
public sealed class StreamsMetrics : IDisposable
{
    public const string MeterName = "SmsCrm.Streams";

    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    private readonly Meter _meter;
    private readonly Counter<long> _produced;
    private readonly Histogram<double> _produceDuration;
    private readonly ConcurrentDictionary<PartitionKey, PartitionReading> _partitions = new();

    public StreamsMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _produced = _meter.CreateCounter<long>("smscrm.streams.produced", "{record}", "Records given to the producer, by topic and fate.");
        _produceDuration = _meter.CreateHistogram("smscrm.streams.produce.duration", "s", "From the producer to the broker's acknowledgement.", advice: Durations);
        ProducerWaits = _meter.CreateCounter<long>("smscrm.streams.producer.waits", "{wait}", "Times a record waited for room in the producer.");
        Consumed = _meter.CreateCounter<long>("smscrm.streams.consumed", "{record}", "Records read, by consumer.");
        BatchFailures = _meter.CreateCounter<long>("smscrm.streams.batch.failures", "{batch}", "Batches whose handler threw, by consumer.");
        BatchDuration = _meter.CreateHistogram("smscrm.streams.batch.duration", "s", "A handler's time for a batch, by consumer.", advice: Durations);
        StaleCompletions = _meter.CreateCounter<long>("smscrm.streams.completions.stale", "{record}", "Completions of assignments that had ended, by consumer.");
        LostRecords = _meter.CreateCounter<long>("smscrm.streams.records.lost", "{record}", "Unread records that a log has lost, by consumer and topic.");
        OtherLogs = _meter.CreateCounter<long>("smscrm.streams.logs.replaced", "{partition}", "Partitions found to be another log, by consumer and topic.");
        Rebalances = _meter.CreateCounter<long>("smscrm.streams.rebalances", "{rebalance}", "Rebalances, by consumer and kind.");
        _meter.CreateObservableGauge("smscrm.streams.lag", () => Read(static r => r.Lag), "{record}", "Records between the log's end and what is complete, by consumer and partition.");
        _meter.CreateObservableGauge("smscrm.streams.window.fill", () => Read(static r => r.WindowFill), "1", "Part of the window in work, by consumer and partition.");
        _meter.CreateObservableGauge("smscrm.streams.unread.bytes", () => Read(static r => r.UnreadBytes), "By", "Estimate of a partition's unread bytes; the embedded broker drops what is beyond 5 MB.");
    }

    internal Counter<long> ProducerWaits { get; }

    internal Counter<long> Consumed { get; }

    internal Counter<long> BatchFailures { get; }

    internal Histogram<double> BatchDuration { get; }

    internal Counter<long> StaleCompletions { get; }

    internal Counter<long> LostRecords { get; }

    internal Counter<long> OtherLogs { get; }

    internal Counter<long> Rebalances { get; }

    internal BatchSizes BatchSizes { get; } = new();

    /// <summary>Records between the end of a topic's log and what is complete, over all partitions this process reads in that group.</summary>
    public long Lag(string consumer, string topic) =>
        _partitions.Where(p => p.Key.Consumer == consumer && p.Key.Topic == topic).Sum(p => p.Value.Lag);

    public void Dispose() => _meter.Dispose();

    internal void ObserveProducer(Func<int> onTheirWay) =>
        _meter.CreateObservableGauge("smscrm.streams.producer.queue", onTheirWay, "{record}", "Records on their way to the broker.");

    internal void Produced(string topic, ProduceFate fate, TimeSpan duration)
    {
        _produced.Add(1, new("topic", topic), new("fate", Name(fate)));
        if (fate == ProduceFate.Acknowledged)
        {
            _produceDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("topic", topic));
        }
    }

    internal void Set(PartitionKey partition, PartitionReading reading) => _partitions[partition] = reading;

    internal void Remove(PartitionKey partition) => _partitions.TryRemove(partition, out _);

    private static string Name(ProduceFate fate) => fate switch
    {
        ProduceFate.Acknowledged => "acknowledged",
        ProduceFate.NotAppended => "not_appended",
        ProduceFate.Unknown => "unknown",
    };

    private IEnumerable<Measurement<double>> Read(Func<PartitionReading, double> value) =>
        _partitions.Select(p => new Measurement<double>(
            value(p.Value), new("consumer", p.Key.Consumer), new("topic", p.Key.Topic), new("partition", p.Key.Partition)));
}

internal readonly record struct PartitionKey(string Consumer, string Topic, int Partition);

/// <param name="WindowFill">0 to 1.</param>
internal sealed record PartitionReading(long Lag, double WindowFill, double UnreadBytes);
