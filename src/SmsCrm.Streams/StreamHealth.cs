using System.Collections.Concurrent;

namespace SmsCrm.Streams;

/// <summary>One consumer, or the producer, in one line.</summary>
/// <param name="Sentence">What it does, or what it lacks; for people.</param>
public sealed record StreamStatus(string Name, bool IsReady, string Sentence);

/// <summary>How every consumer of the process is, for the health checks.</summary>
public sealed class StreamHealth
{
    private readonly ConcurrentDictionary<string, ConsumerState> _consumers = new(StringComparer.Ordinal);

    public bool IsReady => _consumers.Values.All(static c => c.Status().IsReady);

    /// <summary>One status for each consumer, by name.</summary>
    public IReadOnlyList<StreamStatus> Report() =>
        [.. _consumers.Values.Select(static c => c.Status()).OrderBy(static s => s.Name, StringComparer.Ordinal)];

    /// <summary>Null where there is no consumer of that name.</summary>
    public StreamStatus? Of(string consumer) => _consumers.GetValueOrDefault(consumer)?.Status();

    internal ConsumerState Add(string consumer) =>
        _consumers.TryAdd(consumer, new ConsumerState(consumer))
            ? _consumers[consumer]
            : throw new InvalidOperationException($"There are two consumers named '{consumer}' in this process; give one another ConsumerOptions.Name.");
}

/// <summary>What the loop and the workers of one consumer know of themselves. Each field has one writer.</summary>
internal sealed class ConsumerState(string name)
{
    private volatile string? _brokerTrouble = "Kafka has not answered yet";
    private volatile string? _handlerTrouble;
    private volatile string? _held;
    private volatile string? _stuck;
    private volatile bool _stopped;
    private volatile string _doing = "";

    /// <summary>Null when the broker answers and every topic is there.</summary>
    public string? BrokerTrouble { get => _brokerTrouble; set => _brokerTrouble = value; }

    public string? HandlerTrouble { get => _handlerTrouble; set => _handlerTrouble = value; }

    public string? Held { get => _held; set => _held = value; }

    public string? Stuck { get => _stuck; set => _stuck = value; }

    public bool Stopped { get => _stopped; set => _stopped = value; }

    /// <summary>What it does when all is well.</summary>
    public string Doing { get => _doing; set => _doing = value; }

    public StreamStatus Status() =>
        _stopped ? new(name, false, "Stopped.")
        : (_brokerTrouble ?? _held ?? _handlerTrouble ?? _stuck) is { } trouble ? new(name, false, trouble + ".")
        : new(name, true, _doing);
}
