using SmsCrm.Server.Local;

namespace SmsCrm.Chaos;

/// <summary>What is sent, and what is broken meanwhile.</summary>
/// <param name="System">Where and on which ports; its roles and settings are the run's own.</param>
/// <param name="SendPorts">Three ports of the process that sends.</param>
internal sealed record ChaosOptions(LocalSystemOptions System, (int Http, int Grpc, int Metrics) SendPorts)
{
    /// <summary>What the times and the order of the faults are drawn from.</summary>
    public required int Seed { get; init; }

    /// <summary>1,000 to 1,000,000. Default 50,000.</summary>
    public int Messages { get; init; } = 50_000;

    /// <summary>kill -9 of the process that sends. Default 10.</summary>
    public int SendKills { get; init; } = 10;

    /// <summary>kill -9 and start, each, of Redis (then flushed too), Postgres and the broker. Default 2.</summary>
    public int ServerKills { get; init; } = 2;

    /// <summary>Longest pause before a fault. The shortest is a fifth of it. Default 5 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long after the last fault everything has to come to its end. Default 10 minutes.</summary>
    public TimeSpan EndWithin { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Shares of the creates: taken, and the connection then reset; taken, and answered only after the client has given up.</summary>
    public double DroppedShare { get; init; } = 0.02;

    public double UnansweredShare { get; init; } = 0.01;
}

/// <summary>What it came to.</summary>
/// <param name="Lost">Accepted, and without a row, or without an end, or said to be sent and unknown to the provider.</param>
/// <param name="Twice">Texts that the provider took more than once.</param>
/// <param name="Uncertain">Messages of which nobody's word says whether they were sent.</param>
/// <param name="UncertainTaken">Of the uncertain ones: those that the provider did take.</param>
/// <param name="Imbalance">What <c>smscrm ledger verify</c> named; empty where everything agrees.</param>
internal sealed record ChaosResult(
    int Accepted, int Lost, int Twice, int Uncertain, int UncertainTaken, string Imbalance, IReadOnlyDictionary<string, int> ByState)
{
    public bool IsKept => Lost == 0 && Twice == 0 && Imbalance.Length == 0;
}
