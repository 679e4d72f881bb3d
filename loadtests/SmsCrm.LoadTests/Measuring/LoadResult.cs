using System.Globalization;

namespace SmsCrm.LoadTests.Measuring;

/// <summary>One run's figures with the conditions that they were measured under.</summary>
internal sealed record LoadResult
{
    public required string Scenario { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Broker { get; init; }

    /// <summary>Messages a second that the schedule intended.</summary>
    public required int Rate { get; init; }

    public required double DurationSeconds { get; init; }

    public required int Seed { get; init; }

    public required string Machine { get; init; }

    public required long Offered { get; init; }

    public required long Accepted { get; init; }

    public required long Errors { get; init; }

    /// <summary>First error's text, where there was one.</summary>
    public string? FirstError { get; init; }

    /// <summary>From the intended time to the answer of ingest.</summary>
    public required LatencySummary AcceptLatency { get; init; }

    /// <summary>From the intended time to the event <c>delivered</c> in Postgres; null where the scenario sends nothing.</summary>
    public LatencySummary? DeliveryLatency { get; init; }

    public long? Delivered { get; init; }

    /// <summary>Messages accepted and not delivered when the last arrival was sent: the backlog at the end.</summary>
    public long? BacklogAtEnd { get; init; }

    /// <summary>The backlog once a second during the run.</summary>
    public IReadOnlyList<long>? BacklogBySecond { get; init; }

    /// <summary>Seconds from the last arrival to the last delivery.</summary>
    public double? DrainSeconds { get; init; }

    /// <summary>Texts that the provider took twice, by its own ledger.</summary>
    public long? Duplicates { get; init; }

    public IReadOnlyDictionary<string, long>? States { get; init; }

    /// <summary>CPU seconds by process over the run and the drain.</summary>
    public required IReadOnlyDictionary<string, double> CpuSeconds { get; init; }

    /// <summary>CPU microseconds a message, by process.</summary>
    public IReadOnlyDictionary<string, double> CpuMicrosecondsPerMessage => CpuByProcess.Per(CpuSeconds, Accepted);

    /// <summary>Writes the result as JSON and returns the file's path.</summary>
    public string Save(string folder) =>
        ResultFile.Save(folder, At, string.Create(CultureInfo.InvariantCulture, $"{Scenario}-{Broker}-{Rate}"), this);
}
