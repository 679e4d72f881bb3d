namespace SmsCrm.LoadTests.Measuring;

/// <summary>Calls <c>start</c> for each arrival at its intended time, or at once when it is late; never waits for an answer.</summary>
internal sealed class OpenLoop(ArrivalSchedule schedule, TimeProvider clock)
{
    /// <summary>The wall-clock time that intended times count from; set when the run starts.</summary>
    public DateTimeOffset StartedAt { get; private set; }

    private long _startedTimestamp;

    /// <summary>How long after its intended time an arrival's answer came.</summary>
    public TimeSpan LatencyNow(int arrival) => clock.GetElapsedTime(_startedTimestamp) - schedule.IntendedAt(arrival);

    public async Task RunAsync(Func<int, CancellationToken, ValueTask> start, CancellationToken cancellation)
    {
        StartedAt = clock.GetUtcNow();
        _startedTimestamp = clock.GetTimestamp();
        for (var arrival = 0; arrival < schedule.Count;)
        {
            var elapsed = clock.GetElapsedTime(_startedTimestamp);
            while (arrival < schedule.Count && schedule.IntendedAt(arrival) <= elapsed)
            {
                await start(arrival, cancellation);
                arrival++;
            }

            // A millisecond is the finest that a timer gives; what fell due meanwhile starts together.
            await Task.Delay(TimeSpan.FromMilliseconds(1), clock, cancellation);
        }
    }
}
