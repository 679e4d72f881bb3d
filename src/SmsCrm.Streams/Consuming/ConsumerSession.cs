using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace SmsCrm.Streams.Consuming;

/// <summary>
/// One Kafka client's life in its group, from its first question to its leave: reading, upkeep, the last commit. Everything here happens on
/// the consumer's thread, the client's callbacks included.
/// </summary>
internal sealed class ConsumerSession : IDisposable
{
    private readonly KafkaOptions _kafka;
    private readonly ConsumerOptions _options;
    private readonly ConsumerState _state;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly IConsumer<byte[]?, byte[]?> _client;
    private readonly LogTrust _trust;
    private readonly PartitionSet _partitions;
    private readonly StartFinder _starts;
    private readonly Rebalances _rebalances;

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
        _state = state;
        _logger = logger;
        _time = time;
        _partitions = new PartitionSet(options, metrics, logger, time);
        _client = new ConsumerBuilder<byte[]?, byte[]?>(KafkaClientConfig.Consumer(kafka, options))
            .SetKeyDeserializer(Deserializers.ByteArray!)
            .SetValueDeserializer(Deserializers.ByteArray!)
            .SetLogHandler((_, message) => Log.Client(logger, options.Name, message))
            .SetErrorHandler((_, error) => _trust!.Doubt(error))
            .SetOffsetsCommittedHandler((_, offsets) => OnCommitted(offsets))
            .SetPartitionsAssignedHandler((_, partitions) => _rebalances!.OnAssigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => _rebalances!.OnRevoked(partitions))
            .SetPartitionsLostHandler((_, partitions) => _rebalances!.OnLost(partitions))
            .Build();
        var watch = new LogWatch(new DependentAdminClientBuilder(_client.Handle).Build(), options.Topics, time);
        _trust = new LogTrust(kafka, options, identities, watch, state, logger);
        _starts = new StartFinder(_client, options, metrics, logger);
        _rebalances = new Rebalances(_client, _partitions, _starts, _trust, metrics, logger, kafka, options, beforeDrain);
        _client.Subscribe(options.Topics);
        watch.Ask();
    }

    public bool AnyPaused => !_trust.IsGiven || _partitions.All.Any(static p => p.IsPaused);

    /// <summary>Takes up completions, stores offsets, checks the logs, pauses and resumes.</summary>
    public void Upkeep(bool holdAll)
    {
        _partitions.ApplyCompletions();
        while (_trust.TryHear(out var replaced))
        {
            _rebalances.ReadFromTheBeginning(replaced);
        }

        _trust.AskIfDue();
        if (_trust.IsGiven)
        {
            _partitions.StoreOffsets(_client);
            _starts.SeekToBeginning(_partitions.All);
        }

        _partitions.ApplyPauses(_client, holdAll || !_trust.IsGiven);
    }

    /// <summary>The next record, or null: nothing came, or something that is no record.</summary>
    public ConsumedRecord? Poll(TimeSpan timeout)
    {
        var result = TryConsume(timeout);
        if (_trust.Fatal is { } fatal)
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
    public void Drain(TimeSpan timeout) => _partitions.Drain(_partitions.All, timeout);

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
        _rebalances.IsClosing = true;
        try
        {
            CommitBeforeLeaving();
            _client.Close();
        }
        catch (KafkaException e)
        {
            Log.CommitFailed(_logger, _options.Name, e.Error.Reason);
        }

        _trust.Dispose();
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
            _trust.Doubt(e.Error);
            return null;
        }
    }

    private void OnCommitted(CommittedOffsets offsets)
    {
        var error = offsets.Error.IsError ? offsets.Error : offsets.Offsets.Select(static o => o.Error).FirstOrDefault(static e => e.IsError);
        if (error is not null && _trust.IsGiven)
        {
            Log.CommitFailed(_logger, _options.Name, error.Reason);
        }
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

    /// <summary>
    /// The group's coordinator may refuse a commit while it rebalances (the embedded broker always does): then the rebalance
    /// is served and the commit tried again, for a session's time at most. What is not committed is read again.
    /// </summary>
    private void CommitBeforeLeaving()
    {
        var since = _time.GetTimestamp();
        _partitions.ApplyCompletions();
        while (_trust.IsGiven && _trust.Fatal is null && _time.GetElapsedTime(since).TotalMilliseconds < _kafka.EffectiveSessionTimeoutMs)
        {
            _partitions.StoreOffsets(_client);
            if (_partitions.Commit(_client, _partitions.All) is not (ErrorCode.RebalanceInProgress or ErrorCode.IllegalGeneration))
            {
                return;
            }

            _partitions.ApplyPauses(_client, holdAll: true);
            _ = TryConsume(TimeSpan.FromMilliseconds(50));
        }
    }
}
