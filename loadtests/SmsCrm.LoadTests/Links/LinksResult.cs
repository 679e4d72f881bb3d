using SmsCrm.LoadTests.Measuring;

namespace SmsCrm.LoadTests.Links;

/// <summary>Texts that were accepted with or without a link.</summary>
/// <param name="Latency">From the intended time to the answer of ingest.</param>
/// <param name="CpuMicrosecondsPerMessage">By process, until the last row was in Postgres.</param>
internal sealed record IngestPart(
    string Name, bool WithLink, long Offered, long Accepted, long Errors, string? FirstError, LatencySummary Latency, IReadOnlyDictionary<string, double> CpuMicrosecondsPerMessage);

/// <summary>Links that were followed at one rate.</summary>
/// <param name="Offered">Requests a second that the schedule intended were <paramref name="Rate"/>.</param>
/// <param name="PerSecond">Requests that were answered, by the second from the first intended time to the last answer.</param>
/// <param name="Found">302: each is a click.</param>
/// <param name="Nowhere">404.</param>
/// <param name="Unreachable">503.</param>
/// <param name="Latency">From the intended time to the answer.</param>
/// <param name="AnsweredBy">Requests by who knew the answer, as the server counted them.</param>
/// <param name="Clicks">Of the report, once no more came.</param>
/// <param name="HitsLost">As the server counted them.</param>
/// <param name="CpuMicrosecondsPerRequest">By process, until the last click was counted.</param>
internal sealed record RedirectPart(
    string Name,
    int Rate,
    long Offered,
    double PerSecond,
    long Found,
    long Nowhere,
    long Unreachable,
    long Errors,
    string? FirstError,
    LatencySummary Latency,
    IReadOnlyDictionary<string, long> AnsweredBy,
    long Clicks,
    long HitsLost,
    IReadOnlyDictionary<string, double> CpuMicrosecondsPerRequest);

internal sealed record LinksResult
{
    public string Scenario { get; } = LinksRun.Scenario;

    public required DateTimeOffset At { get; init; }

    public required string Broker { get; init; }

    public required string Machine { get; init; }

    /// <summary>When the run began: who else used the machine.</summary>
    public required string LoadAverage { get; init; }

    public required double DurationSeconds { get; init; }

    public required int Seed { get; init; }

    public required int IngestRate { get; init; }

    /// <summary>Hits that may wait in the server; more are lost.</summary>
    public required int QueuedHits { get; init; }

    public required IReadOnlyList<IngestPart> Ingest { get; init; }

    /// <summary>CPU of a message with a link to that of one without, by process and of all but the load.</summary>
    public required IReadOnlyDictionary<string, double> IngestRatio { get; init; }

    public required IReadOnlyList<RedirectPart> Redirects { get; init; }

    /// <summary>Of the means of the parts, by process, and of their sum without the load's own as <c>all_but_load</c>.</summary>
    public static IReadOnlyDictionary<string, double> RatioOf(IReadOnlyList<IngestPart> parts)
    {
        var (with, without) = (MeanOf(parts, withLink: true), MeanOf(parts, withLink: false));
        var ratios = without.Where(static cpu => cpu.Value > 0).ToDictionary(cpu => cpu.Key, cpu => Math.Round(with[cpu.Key] / cpu.Value, 2));
        if (SystemOf(without) is var system and > 0)
        {
            ratios["all_but_load"] = Math.Round(SystemOf(with) / system, 2);
        }

        return ratios;
    }

    private static Dictionary<string, double> MeanOf(IReadOnlyList<IngestPart> parts, bool withLink) => parts
        .Where(part => part.WithLink == withLink)
        .SelectMany(static part => part.CpuMicrosecondsPerMessage)
        .GroupBy(static cpu => cpu.Key, static cpu => cpu.Value)
        .ToDictionary(static group => group.Key, static group => group.Average());

    private static double SystemOf(Dictionary<string, double> cpu) => cpu.Where(static process => process.Key != "load").Sum(static process => process.Value);
}
