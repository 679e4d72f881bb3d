using System.Net;
using SmsCrm.LoadTests.Measuring;

namespace SmsCrm.LoadTests.Links;

/// <summary>What requests for links were answered, and when.</summary>
internal sealed class RedirectTally
{
    private long _found;
    private long _nowhere;
    private long _unreachable;
    private long _errors;
    private string? _firstError;

    public Latencies Latency { get; } = new();

    /// <summary>302: each is a click.</summary>
    public long Found => Interlocked.Read(ref _found);

    public long Nowhere => Interlocked.Read(ref _nowhere);

    public long Unreachable => Interlocked.Read(ref _unreachable);

    public long Errors => Interlocked.Read(ref _errors);

    public string? FirstError => _firstError;

    public void Count(HttpStatusCode status, TimeSpan latency)
    {
        switch (status)
        {
            case HttpStatusCode.Found:
                Interlocked.Increment(ref _found);
                break;
            case HttpStatusCode.NotFound:
                Interlocked.Increment(ref _nowhere);
                break;
            case HttpStatusCode.ServiceUnavailable:
                Interlocked.Increment(ref _unreachable);
                break;
            default:
                CountError($"status {(int)status}");
                return;
        }

        Latency.Record(latency);
    }

    public void CountError(string text)
    {
        Interlocked.CompareExchange(ref _firstError, text, null);
        Interlocked.Increment(ref _errors);
    }
}
