using Confluent.Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SmsCrm.Streams.Consuming;

/// <summary>
/// One consumer of the process: a thread of its own that may block polls Kafka, gathers micro-batches for the workers, and
/// stores the offset up to which everything is complete. Nothing else touches the client.
/// </summary>
internal sealed class ConsumerLoop : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan HeldPollTimeout = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan PatienceForRoom = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MeasureEvery = TimeSpan.FromSeconds(1);
    private const int RestartDelayMs = 1_000;
    private const int RecordsBetweenUpkeep = 256;
    private readonly KafkaOptions _kafka;
    private readonly ConsumerOptions _options;
    private readonly ConsumerGate _gate;
    private readonly ConsumerState _state;
    private readonly StreamsMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly BatchWorkers _workers;
    private readonly LogIdentities _identities = new();
    private readonly KeyValuePair<string, object?> _tag;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BatchGathering _gathered;
    private readonly ManualResetEventSlim _stop = new(initialState: false);
    private long _measuredAt;
    private Thread? _thread;

    public ConsumerLoop(
        KafkaOptions kafka, ConsumerOptions options, IRecordBatchHandler handler, ConsumerGate gate, StreamHealth health, StreamsMetrics metrics, ILoggerFactory loggers, TimeProvider time)
    {
        _kafka = kafka;
        _options = options;
        _gate = gate;
        _metrics = metrics;
        _time = time;
        _state = health.Add(options.Name);
        _logger = loggers.CreateLogger<ConsumerLoop>();
        _workers = new BatchWorkers(options, handler, gate, _state, metrics, _logger, time);
        _gathered = new BatchGathering(options, _workers, time);
        _tag = new("consumer", options.Name);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _workers.Start();
        _thread = new Thread(Run) { IsBackground = true, Name = $"consumer {_options.Name}" };
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>Stops reading, waits for what is in work as long as the options say, commits, leaves the group.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_thread is null)
        {
            return;
        }

        _stop.Set();
        await _ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _stop.Set();
        if (_thread is not null)
        {
            await _ended.Task.ConfigureAwait(false);
        }

        await _workers.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stop.IsSet)
            {
                try
                {
                    RunOneClient();
                }
                catch (KafkaException e)
                {
                    _state.BrokerTrouble = $"The Kafka client died and starts again: {e.Error.Reason}";
                    Log.ConsumerReplaced(_logger, _options.Name, RestartDelayMs, e.Error.Reason);
                    _stop.Wait(RestartDelayMs);
                }
            }

            _state.Stopped = true;
            _ended.SetResult();
        }
        catch (Exception e)
        {
            _state.BrokerTrouble = $"The consumer ended by a bug: {e.Message}";
            _ended.SetException(e);
        }
    }

    /// <summary>Until the stop, or until the client reports a fatal error.</summary>
    private void RunOneClient()
    {
        using var session = new ConsumerSession(_kafka, _options, _identities, _state, _metrics, _logger, _time, beforeDrain: () => _gathered.TryHandOver());
        try
        {
            while (!_stop.IsSet)
            {
                session.Upkeep(holdAll: IsHeld());
                MeasureIfDue(session);
                Gather(session);
                HandOverPatiently(session);
            }

            session.Drain(TimeSpan.FromMilliseconds(_options.DrainTimeoutMs));
        }
        finally
        {
            _gathered.Clear();
        }
    }

    private bool IsHeld()
    {
        var held = _gate.IsPaused;
        _state.Held = held ? $"Held: {string.Join("; ", _gate.Reasons)}" : null;
        return held;
    }

    /// <summary>Reads until a batch is full, its time is over, or upkeep is due.</summary>
    private void Gather(ConsumerSession session)
    {
        for (var i = 0; i < RecordsBetweenUpkeep && !_gathered.IsFull; i++)
        {
            if (!Take(session.Poll(TimeToPoll(session))))
            {
                return;
            }
        }
    }

    private bool Take(ConsumedRecord? record)
    {
        if (record is null)
        {
            return false;
        }

        _metrics.Consumed.Add(1, _tag);
        _gathered.Add(record);
        return true;
    }

    private TimeSpan TimeToPoll(ConsumerSession session) =>
        !_gathered.IsEmpty ? _gathered.TimeLeft
        : session.AnyPaused ? HeldPollTimeout
        : PollTimeout;

    /// <summary>
    /// Gives a full or old enough batch to the workers. When they have no room this thread waits for them, since pausing would
    /// throw away what the client has read ahead; past a second it pauses everything, so that rebalances are still served.
    /// </summary>
    private void HandOverPatiently(ConsumerSession session)
    {
        if (!_gathered.IsDue)
        {
            return;
        }

        var since = _time.GetTimestamp();
        while (!_gathered.TryHandOver() && !_stop.IsSet)
        {
            var patient = _time.GetElapsedTime(since) < PatienceForRoom && !_gate.IsPaused;
            session.Upkeep(holdAll: !patient || IsHeld());
            if (patient)
            {
                _workers.WaitForRoom(TimeSpan.FromMilliseconds(20));
            }
            else
            {
                Take(session.Poll(TimeSpan.FromMilliseconds(20)));
            }

            MeasureIfDue(session);
        }
    }

    private void MeasureIfDue(ConsumerSession session)
    {
        if (_time.GetElapsedTime(_measuredAt) >= MeasureEvery)
        {
            _measuredAt = _time.GetTimestamp();
            session.Measure();
        }
    }
}
