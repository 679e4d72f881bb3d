namespace SmsCrm.Streams.Consuming;

/// <summary>One consumer: which topics, in which group, with how many workers.</summary>
public sealed record ConsumerOptions
{
    /// <summary>Short name for logs, metrics, health and the gate. Unique in the process.</summary>
    public required string Name { get; init; }

    /// <summary>The group whose offsets are committed. All its members subscribe to the same topics.</summary>
    public required string GroupId { get; init; }

    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>Batches handled at once. 1 to 256, default 4.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>Most records in a batch. 1 to 10,000, default 250.</summary>
    public int BatchSize { get; init; } = 250;

    /// <summary>How long a batch that is not full waits for more, in milliseconds. 0 to 1,000, default 5.</summary>
    public int BatchLingerMs { get; init; } = 5;

    /// <summary>Batches that wait for a worker. 1 to 256, default 4.</summary>
    public int QueuedBatches { get; init; } = 4;

    /// <summary>
    /// Records of one partition in work at once; also what a crash replays at most. 2 to 1,000,000, default 8,192. Keep it
    /// above (<see cref="Workers"/> + <see cref="QueuedBatches"/>) x <see cref="BatchSize"/>: a full window pauses the
    /// partition, and resuming fetches again what the client had read ahead.
    /// </summary>
    public int WindowSize { get; init; } = 8_192;

    /// <summary>
    /// How long a stop, or a partition given up, waits for what is in work, in milliseconds. 0 to 60,000, default 3,000. A
    /// partition that is given up waits a quarter of the session timeout at most.
    /// </summary>
    public int DrainTimeoutMs { get; init; } = 3_000;

    /// <summary>First pause before a failed batch is handled again; doubles up to 100 times that. 1 to 60,000 ms, default 100.</summary>
    public int RetryBackoffMs { get; init; } = 100;

    /// <summary>A record in work for longer than this makes the consumer report itself not ready, in seconds. Default 120.</summary>
    public int StuckAfterSeconds { get; init; } = 120;

    /// <summary>Told when a log was found to have lost records, or to be another one. On the consumer's thread: be quick.</summary>
    public Action<LogTrouble>? OnLogTrouble { get; init; }

    internal IEnumerable<string> Errors()
    {
        if (Topics.Count == 0)
        {
            yield return $"Consumer {Name}: Topics is empty: name at least one topic.";
        }

        if (OutOfRange(nameof(Workers), Workers, 1, 256) is { } workers)
        {
            yield return workers;
        }

        if (OutOfRange(nameof(BatchSize), BatchSize, 1, 10_000) is { } size)
        {
            yield return size;
        }

        if (OutOfRange(nameof(BatchLingerMs), BatchLingerMs, 0, 1_000) is { } linger)
        {
            yield return linger;
        }

        if (OutOfRange(nameof(QueuedBatches), QueuedBatches, 1, 256) is { } queued)
        {
            yield return queued;
        }

        if (OutOfRange(nameof(WindowSize), WindowSize, 2, 1_000_000) is { } window)
        {
            yield return window;
        }

        if (OutOfRange(nameof(DrainTimeoutMs), DrainTimeoutMs, 0, 60_000) is { } drain)
        {
            yield return drain;
        }

        if (OutOfRange(nameof(RetryBackoffMs), RetryBackoffMs, 1, 60_000) is { } backoff)
        {
            yield return backoff;
        }
    }

    private string? OutOfRange(string setting, int value, int least, int most) =>
        value >= least && value <= most ? null : $"Consumer {Name}: {setting} is {value}; it must be from {least} to {most}.";
}
