using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Crm.Webhooks;

/// <summary>
/// A visit to one endpoint: attempts what is due, several at once while it answers well. After a failure, or when the visit has lasted long
/// enough, no further attempt begins; what was begun is waited for, up to its deadline.
/// </summary>
internal sealed class EndpointVisit(
    WebhookCall call, SecretSeal seal, IOptions<WebhooksOptions> options, WebhooksMetrics metrics, TimeProvider clock, ILogger<EndpointVisit> logger)
{
    /// <summary>Attempts begin for so long.</summary>
    public static readonly TimeSpan BeginsFor = TimeSpan.FromSeconds(5);

    /// <summary>Slower than that on average, and the endpoint shares the slots of the slow ones.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(3);

    /// <summary>When the process stops, gives what was completed until then.</summary>
    public async Task<VisitResult> RunAsync(HeldEndpoint endpoint, CancellationToken cancellation)
    {
        var attempted = new ConcurrentQueue<AttemptedDelivery>();
        var begin = clock.GetTimestamp();
        var goesOn = true;
        var secrets = Open(endpoint);
        try
        {
            await Parallel.ForEachAsync(
                endpoint.Due,
                new ParallelOptions { MaxDegreeOfParallelism = endpoint.Health.Failures > 0 ? 1 : options.Value.RequestsPerEndpoint, CancellationToken = cancellation },
                async (delivery, token) =>
                {
                    if (!Volatile.Read(ref goesOn) || clock.GetElapsedTime(begin) > BeginsFor)
                    {
                        return;
                    }

                    var outcome = secrets is null ? Unsealed() : await call.PostAsync(endpoint.Url, secrets, delivery, token).ConfigureAwait(false);
                    attempted.Enqueue(new AttemptedDelivery(delivery, outcome));
                    metrics.Attempted(outcome);
                    if (!outcome.IsDelivered)
                    {
                        Volatile.Write(ref goesOn, false);
                    }
                }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // What was not completed does not count, and is due again when the endpoint is given back.
        }

        return Result(endpoint, [.. attempted]);
    }

    private VisitResult Result(HeldEndpoint endpoint, IReadOnlyList<AttemptedDelivery> attempted)
    {
        var health = attempted.Aggregate(
            endpoint.Health, (known, next) => known.After(next.Outcome, options.Value, clock.GetUtcNow(), Random.Shared.NextDouble()));
        var isSlow = attempted.Count == 0
            ? endpoint.IsSlowLane
            : health.State == WebhookState.Slowed || attempted.Average(static a => a.Outcome.Latency.TotalSeconds) > Slow.TotalSeconds;
        return new VisitResult(endpoint, attempted, health, isSlow);
    }

    /// <summary>Null: they were sealed under another key.</summary>
    private List<string>? Open(HeldEndpoint endpoint)
    {
        try
        {
            return [.. endpoint.Secrets.Select(secret => seal.Open(secret, endpoint.Id))];
        }
        catch (CryptographicException)
        {
            Log.SecretDoesNotOpen(logger, endpoint.Id);
            return null;
        }
    }

    private AttemptOutcome Unsealed() => new(clock.GetUtcNow(), null, TimeSpan.Zero, "the secret can't be opened: rotate it");
}
