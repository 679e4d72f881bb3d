using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SmsCrm.Streams.Producing;

/// <summary>
/// Appends records: idempotent, <c>acks=all</c>, bounded. One for the process; any number of callers at once. It bridges a
/// broker's restart by itself and replaces its client should that die.
/// </summary>
public sealed class RecordProducer : IAsyncDisposable
{
    private readonly KafkaOptions _options;
    private readonly StreamsMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _room;
    private readonly PendingDelivery.Pool _pool;
    private readonly ProducerClient _client;

    internal RecordProducer(IOptions<KafkaOptions> options, StreamsMetrics metrics, ILogger<RecordProducer> logger, TimeProvider time)
    {
        _options = options.Value;
        _metrics = metrics;
        _time = time;
        _room = new SemaphoreSlim(_options.MaxQueuedRecords);
        _pool = new PendingDelivery.Pool(Reported);
        _client = new ProducerClient(_options, metrics, logger, time, EndWaitsFor);
        metrics.ObserveProducer(() => _options.MaxQueuedRecords - _room.CurrentCount);
    }

    /// <summary>
    /// Appends one record. The task ends with the broker's answer, or with the certainty or doubt that takes its place; it
    /// throws only when the wait for room is cancelled or the producer was disposed. Await it once.
    /// </summary>
    /// <param name="cancellationToken">Covers the wait for room. Once a record is on its way it cannot be recalled.</param>
    public ValueTask<ProduceOutcome> ProduceAsync(in OutgoingRecord record, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_client.IsDisposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        return _room.Wait(0, CancellationToken.None) ? Start(record) : WaitAndProduceAsync(record, cancellationToken);
    }

    /// <summary>Appends records and waits for all of them; the outcomes come in the order of the records.</summary>
    public async Task<ProduceOutcome[]> ProduceAllAsync(IReadOnlyList<OutgoingRecord> records, CancellationToken cancellationToken)
    {
        var pending = new ValueTask<ProduceOutcome>[records.Count];
        for (var i = 0; i < pending.Length; i++)
        {
            pending[i] = ProduceAsync(records[i], cancellationToken);
        }

        var outcomes = new ProduceOutcome[pending.Length];
        for (var i = 0; i < pending.Length; i++)
        {
            outcomes[i] = await pending[i].ConfigureAwait(false);
        }

        return outcomes;
    }

    /// <summary>Waits up to ten seconds for what is on its way.</summary>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async ValueTask<ProduceOutcome> WaitAndProduceAsync(OutgoingRecord record, CancellationToken cancellationToken)
    {
        _metrics.ProducerWaits.Add(1);
        if (!await _room.WaitAsync(_options.QueueWaitMs, cancellationToken).ConfigureAwait(false))
        {
            return Refused(
                record, $"{_options.MaxQueuedRecords} records (SmsCrm:Kafka:MaxQueuedRecords) were on their way for {_options.QueueWaitMs} ms");
        }

        return await Start(record).ConfigureAwait(false);
    }

    /// <summary>Hands the record to the client. A place in the room is held, and given back by the report.</summary>
    private ValueTask<ProduceOutcome> Start(in OutgoingRecord record)
    {
        var pending = _pool.Rent();
        var client = _client.Current;
        pending.StartedAt = _time.GetTimestamp();
        var task = pending.Task;
        try
        {
            pending.Begin(client);
            client.Produce(record.Topic, ToMessage(record), pending.OnReport);
            return task;
        }
        catch (ProduceException<byte[]?, byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
        {
            return RetryAsync(record, pending);
        }
        catch (KafkaException e)
        {
            return new(Failed(record, pending, e.Error.Reason));
        }
        catch (ObjectDisposedException)
        {
            return new(Failed(record, pending, "the producer is being closed"));
        }
    }

    /// <summary>The client's own bound (bytes) was met first: wait a little, within the same time as for room.</summary>
    private async ValueTask<ProduceOutcome> RetryAsync(OutgoingRecord record, PendingDelivery pending)
    {
        while (_time.GetElapsedTime(pending.StartedAt).TotalMilliseconds < _options.QueueWaitMs)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), _time).ConfigureAwait(false);
            try
            {
                var client = _client.Current;
                var task = pending.Task;
                pending.Begin(client);
                client.Produce(record.Topic, ToMessage(record), pending.OnReport);
                return await task.ConfigureAwait(false);
            }
            catch (ProduceException<byte[]?, byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                _metrics.ProducerWaits.Add(1);
            }
            catch (KafkaException e)
            {
                return Failed(record, pending, e.Error.Reason);
            }
        }

        return Failed(record, pending, $"the client's queue was full for {_options.QueueWaitMs} ms");
    }

    private ProduceOutcome Failed(in OutgoingRecord record, PendingDelivery pending, string reason)
    {
        _pool.Return(pending);
        _room.Release();
        return Refused(record, reason);
    }

    private ProduceOutcome Refused(in OutgoingRecord record, string reason)
    {
        _metrics.Produced(record.Topic, ProduceFate.NotAppended, TimeSpan.Zero);
        return ProduceOutcome.NotAppended($"Not appended to {record.Topic}: {reason}.");
    }

    /// <summary>On the client's own thread: keep it short.</summary>
    private void Reported(PendingDelivery pending, DeliveryReport<byte[]?, byte[]> report)
    {
        var outcome = ToOutcome(report);
        _metrics.Produced(report.Topic, outcome.Fate, _time.GetElapsedTime(pending.StartedAt));
        if (pending.TryEnd())
        {
            _room.Release();
            pending.Complete(outcome);
        }
    }

    private static ProduceOutcome ToOutcome(DeliveryReport<byte[]?, byte[]> report) => report switch
    {
        { Error.IsError: false } => ProduceOutcome.Acknowledged(report.Partition.Value, report.Offset.Value),
        { Status: PersistenceStatus.NotPersisted } => ProduceOutcome.NotAppended($"Not appended to {report.Topic}: {report.Error.Reason}."),
        _ => ProduceOutcome.Unknown($"It is not known whether {report.Topic} has it: {report.Error.Reason}."),
    };

    private static Message<byte[]?, byte[]> ToMessage(in OutgoingRecord record)
    {
        var message = new Message<byte[]?, byte[]> { Key = record.Key, Value = record.Value };
        if (record.Headers is { Count: > 0 } given)
        {
            var headers = new Headers();
            for (var i = 0; i < given.Count; i++)
            {
                headers.Add(given[i].Name, given[i].Value);
            }

            message.Headers = headers;
        }

        return message;
    }

    /// <summary>A closed client reports no more: nobody may wait for it for ever.</summary>
    private void EndWaitsFor(IClient client)
    {
        foreach (var pending in _pool.OnTheirWayBy(client))
        {
            _room.Release();
            pending.Complete(ProduceOutcome.Unknown("It is not known whether it was appended: the producer was closed meanwhile."));
        }
    }
}
