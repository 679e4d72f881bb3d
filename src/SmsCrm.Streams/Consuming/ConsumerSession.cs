using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace SmsCrm.Streams.Consuming;

/// <summary>
/// One Kafka client's life in its group: polling, rebalances, offsets, and the check that the logs are the ones we know.
/// Everything here happens on the consumer's thread, the client's callbacks included.
/// </summary>
internal sealed class ConsumerSession : IDisposable
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(200);
    private readonly KafkaOptions _kafka;
    private readonly ConsumerOptions _options;
    private readonly LogIdentities _identities;
    private readonly ConsumerState _state;
    private readonly StreamsMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Action _beforeDrain;
    private readonly IConsumer<byte[]?, byte[]?> _client;
    private readonly LogWatch _watch;
    private readonly PartitionSet _partitions;
    private readonly StartFinder _starts;
    private readonly KeyValuePair<string, object?> _tag;
    private int _answersFrom = 1;
    private bool _isTrusted;
    private bool _isClosing;
    private Error? _fatal;

    public ConsumerSession(
        KafkaOptions kafka,
        ConsumerOptions options,
        LogIdentities identities,
        ConsumerState state,
        StreamsMetrics metrics,
        ILogger logger,
        TimeProvider time,
        Action beforeDrain)
    {
        _kafka = kafka;
        _options = options;
        _identities = identities;
        _state = state;
        _metrics = metrics;
        _logger = logger;
        _time = time;
        _beforeDrain = beforeDrain;
        _tag = new("consumer", options.Name);
        _partitions = new PartitionSet(options, metrics, logger, time);
        _client = new ConsumerBuilder<byte[]?, byte[]?>(KafkaClientConfig.Consumer(kafka, options))
            .SetKeyDeserializer(Deserializers.ByteArray!)
            .SetValueDeserializer(Deserializers.ByteArray!)
            .SetLogHandler((_, message) => Log.Client(logger, options.Name, message))
            .SetErrorHandler((_, error) => OnError(error))
            .SetOffsetsCommittedHandler((_, offsets) => OnCommitted(offsets))
            .SetPartitionsAssignedHandler((_, partitions) => OnAssigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => OnRevoked(partitions))
            .SetPartitionsLostHandler((_, partitions) => OnLost(partitions))
            .Build();
        _starts = new StartFinder(_client, options, metrics, logger);
        _watch = new LogWatch(new DependentAdminClientBuilder(_client.Handle).Build(), options.Topics, time);
        _client.Subscribe(options.Topics);
        _watch.Ask();
    }

    public bool AnyPaused => !_isTrusted || _partitions.All.Any(static p => p.IsPaused);

    /// <summary>Takes up completions, stores offsets, checks the logs, pauses and resumes.</summary>
    public void Upkeep(bool holdAll)
    {
        _partitions.ApplyCompletions();
        while (_watch.TryTake(out var report))
        {
            Apply(report);
        }

        _watch.AskIfOlderThan(_isTrusted ? TimeSpan.FromSeconds(_kafka.LogCheckSeconds) : AskAgainAfter);
        if (_isTrusted)
        {
            _partitions.StoreOffsets(_client);
            _starts.SeekToBeginning(_partitions.All);
        }

        _partitions.ApplyPauses(_client, holdAll || !_isTrusted);
    }

    /// <summary>The next record, or null: nothing came, or something that is no record.</summary>
    public ConsumedRecord? Poll(TimeSpan timeout)
    {
        var result = TryConsume(timeout);
        if (_fatal is { } fatal)
        {
            throw new KafkaException(fatal);
        }

        if (result is null || _partitions.Find(result.TopicPartition) is not { } partition)
        {
            return null;
        }

        CheckPosition(partition, result.Offset.Value);
        if (partition.Window.TryAdd(result.Offset.Value, _time.GetTimestamp(), out var sequence))
        {
            return new ConsumedRecord(partition, sequence, result.Offset.Value, result.Message);
        }

        // It was on its way when the window filled up: it is read again when there is room.
        _client.Seek(result.TopicPartitionOffset);
        return null;
    }

    /// <summary>Waits until everything in work is complete, or the time is over; completions are taken up meanwhile.</summary>
    public void Drain(TimeSpan timeout) => Drain(_partitions.All, timeout);

    public void Measure()
    {
        var (age, partition) = _partitions.Measure(_client);
        _state.Stuck = age.TotalSeconds > _options.StuckAfterSeconds && partition is not null
            ? $"The record at offset {partition.Window.Watermark} of {partition.Name.Topic}[{partition.Name.Partition.Value}] or one before it has been in work for {age.TotalSeconds:0} s"
            : null;
        _state.Doing = $"Reads {_partitions.All.Count} partitions, {_partitions.InWork} records in work.";
    }

    /// <summary>Commits and leaves the group, whatever state the client is in.</summary>
    public void Dispose()
    {
        _isClosing = true;
        try
        {
            CommitBeforeLeaving();
            _client.Close();
        }
        catch (KafkaException e)
        {
            Log.CommitFailed(_logger, _options.Name, e.Error.Reason);
        }

        _watch.Dispose();
        _client.Dispose();
    }

    private ConsumeResult<byte[]?, byte[]?>? TryConsume(TimeSpan timeout)
    {
        try
        {
            return _client.Consume(timeout);
        }
        catch (ConsumeException e)
        {
            OnError(e.Error);
            return null;
        }
    }

    /// <summary>Any trouble may mean that the broker was replaced: nothing is read or stored until its logs are known to be the same.</summary>
    private void OnError(Error error)
    {
        if (_isTrusted || error.IsFatal)
        {
            Log.ClientError(_logger, _options.Name, error.Code.ToString(), error.Reason);
        }
        else
        {
            Log.ClientErrorAgain(_logger, _options.Name, error.Code.ToString(), error.Reason);
        }

        if (error.IsFatal)
        {
            _fatal = error;
        }

        _isTrusted = false;
        _answersFrom = _watch.LastQuestion + 1;
        _state.BrokerTrouble = $"Kafka at {_kafka.BootstrapServers}: {error.Reason}";
    }

    private void OnCommitted(CommittedOffsets offsets)
    {
        var error = offsets.Error.IsError ? offsets.Error : offsets.Offsets.Select(static o => o.Error).FirstOrDefault(static e => e.IsError);
        if (error is not null && _isTrusted)
        {
            Log.CommitFailed(_logger, _options.Name, error.Reason);
        }
    }

    private IReadOnlySet<string> Apply(LogReport report)
    {
        if (report.Error is not null)
        {
            _isTrusted = false;
            _state.BrokerTrouble = $"Kafka at {_kafka.BootstrapServers} does not answer: {report.Error}";
            return new HashSet<string>();
        }

        var changed = _identities.Update(report.Ids);
        foreach (var partition in _partitions.All.Where(p => changed.Contains(p.Name.Topic)))
        {
            _starts.ReportAnotherLog(partition.Name, 0);
            _partitions.Restart(partition, 0);
            partition.StartIsKnown = false;
            partition.NeedsSeek = true;
        }

        var missing = _options.Topics.Where(t => !report.Ids.ContainsKey(t)).ToList();
        if (missing.Count > 0)
        {
            _state.BrokerTrouble = $"Kafka at {_kafka.BootstrapServers} lacks the topic {string.Join(" and ", missing)}: create it with 'smscrm topics'";
        }
        else if (report.Question >= _answersFrom && !_isTrusted)
        {
            Log.BrokerAnswers(_logger, _options.Name);
            _isTrusted = true;
            _state.BrokerTrouble = null;
        }

        return changed;
    }

    private void CheckPosition(AssignedPartition partition, long offset)
    {
        if (!partition.StartIsKnown)
        {
            _partitions.Restart(partition, offset);
            partition.StartIsKnown = true;
        }
        else if (offset < partition.Window.NextOffset)
        {
            _starts.ReportAnotherLog(partition.Name, offset);
            _partitions.Restart(partition, offset);
        }
        else if (offset > partition.Window.NextOffset)
        {
            _starts.ReportGap(partition.Name, partition.Window.NextOffset, offset);
        }
    }

    private IEnumerable<TopicPartitionOffset> OnAssigned(List<TopicPartition> partitions)
    {
        _metrics.Rebalances.Add(1, _tag, new("kind", "assigned"));
        _watch.Ask();
        _watch.Wait(StartFinder.BrokerTimeout);
        var changed = _watch.TryTake(out var report) ? Apply(report) : new HashSet<string>();
        var starts = _starts.Find(partitions, changed);
        foreach (var start in starts)
        {
            _partitions.Add(start.TopicPartition, start.Offset.IsSpecial ? null : start.Offset.Value);
        }

        return starts;
    }

    private void OnRevoked(List<TopicPartitionOffset> partitions)
    {
        _metrics.Rebalances.Add(1, _tag, new("kind", "revoked"));
        var ours = partitions.Select(p => _partitions.Find(p.TopicPartition)).OfType<AssignedPartition>().ToList();
        if (!_isClosing)
        {
            _beforeDrain();
            Drain(ours, TimeSpan.FromMilliseconds(Math.Min(_options.DrainTimeoutMs, _kafka.EffectiveSessionTimeoutMs / 4)));
        }

        _partitions.ApplyCompletions();
        if (_isTrusted)
        {
            _partitions.StoreOffsets(_client);
            Commit(ours);
        }

        foreach (var partition in ours)
        {
            Log.Revoked(_logger, _options.Name, partition.Name.Topic, partition.Name.Partition.Value, partition.Window.Watermark, partition.Window.Count);
            _partitions.Remove(partition.Name);
        }
    }

    private void OnLost(List<TopicPartitionOffset> partitions)
    {
        _metrics.Rebalances.Add(1, _tag, new("kind", "lost"));
        _partitions.ApplyCompletions();
        foreach (var partition in partitions.Select(p => _partitions.Remove(p.TopicPartition)).OfType<AssignedPartition>())
        {
            Log.Lost(_logger, _options.Name, partition.Name.Topic, partition.Name.Partition.Value, partition.Window.Watermark, partition.Window.Count);
        }
    }

    /// <summary>
    /// The group's coordinator may refuse a commit while it rebalances (the embedded broker always does): then the rebalance
    /// is served and the commit tried again, for a session's time at most. What is not committed is read again.
    /// </summary>
    private void CommitBeforeLeaving()
    {
        var since = _time.GetTimestamp();
        _partitions.ApplyCompletions();
        while (_isTrusted && _fatal is null && _time.GetElapsedTime(since).TotalMilliseconds < _kafka.EffectiveSessionTimeoutMs)
        {
            _partitions.StoreOffsets(_client);
            if (Commit(_partitions.All) is not (ErrorCode.RebalanceInProgress or ErrorCode.IllegalGeneration))
            {
                return;
            }

            _partitions.ApplyPauses(_client, holdAll: true);
            _ = TryConsume(TimeSpan.FromMilliseconds(50));
        }
    }

    private ErrorCode Commit(IEnumerable<AssignedPartition> partitions)
    {
        var due = partitions.Where(static p => p.StoredOffset > p.CommittedOffset).ToList();
        if (due.Count == 0)
        {
            return ErrorCode.NoError;
        }

        try
        {
            _client.Commit(due.Select(static p => new TopicPartitionOffset(p.Name, p.StoredOffset)));
            due.ForEach(static p => p.CommittedOffset = p.StoredOffset);
            return ErrorCode.NoError;
        }
        catch (KafkaException e)
        {
            Log.CommitFailed(_logger, _options.Name, e.Error.Reason);
            return e.Error.Code;
        }
    }

    private void Drain(IReadOnlyCollection<AssignedPartition> partitions, TimeSpan timeout)
    {
        using var never = new ManualResetEventSlim(initialState: false);
        var since = _time.GetTimestamp();
        _partitions.ApplyCompletions();
        while (!partitions.All(static p => p.Window.IsEmpty) && _time.GetElapsedTime(since) < timeout)
        {
            never.Wait(2);
            _partitions.ApplyCompletions();
        }
    }
}
