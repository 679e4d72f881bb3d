using SmsCrm.LoadTests.Measuring;

namespace SmsCrm.LoadTests.Scenarios;

/// <summary>What a run is asked to do.</summary>
/// <param name="Rate">Mean arrivals a second, 1 to 100,000.</param>
/// <param name="Streams">How many connections offer the load, 1 to 64.</param>
internal sealed record LoadRun(string Scenario, int Rate, TimeSpan Duration, int Seed, int Streams, string Broker)
{
    /// <summary>Whether the texts go all the way; else the server runs the role ingest alone.</summary>
    public bool Sends => Scenario is ScenarioRunner.Pipeline or ScenarioRunner.Fairness;
}

/// <summary>What ingest answered, counted by whoever offers the load.</summary>
internal sealed class IngestTally
{
    private long _accepted;
    private long _errors;
    private string? _firstError;

    public Latencies Accept { get; } = new();

    public long Accepted => Interlocked.Read(ref _accepted);

    public long Errors => Interlocked.Read(ref _errors);

    public long Answered => Accepted + Errors;

    public string? FirstError => _firstError;

    public void CountAccepted(TimeSpan latency)
    {
        Accept.Record(latency);
        Interlocked.Increment(ref _accepted);
    }

    public void CountError(string text)
    {
        Interlocked.CompareExchange(ref _firstError, text, null);
        Interlocked.Increment(ref _errors);
    }
}
