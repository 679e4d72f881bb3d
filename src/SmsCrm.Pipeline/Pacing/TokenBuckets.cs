using System.Globalization;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using StackExchange.Redis;

namespace SmsCrm.Pipeline.Pacing;

/// <summary>
/// The token buckets of provider accounts, tenants, senders and, where a rate is set, of sender and carrier class, in Redis by Redis' clock,
/// asked by one script call for a batch.
/// Arrivals in any time w are at most rate x (w + 2 s) + burst: a message that may go begins within 2 s of its facts, or never.
/// A lost bucket starts empty, and in debt where texts went out shortly before, so losing Redis' data never adds to that.
/// </summary>
internal sealed class TokenBuckets(
    IConnectionMultiplexer redis, IRecentClaims claims, PacingOptions options, PacingMetrics metrics, TimeProvider clock)
{
    /// <summary>The longest debt of a bucket: 20 segments at one a second, and the 2 s within which a claimed message still goes.</summary>
    private static readonly TimeSpan LongestDebt = TimeSpan.FromSeconds(22);

    private const string Ask = "ask";

    /// <summary>Arguments of the script for each message.</summary>
    private const int Fields = 6;

    private static readonly string Script = ReadScript();

    // A bucket that is gone starts empty, which costs a quiet sender's first message a moment: kept for a day.
    private static readonly RedisValue KeepMs = (long)TimeSpan.FromDays(1).TotalMilliseconds;

    /// <summary>The decisions in the order of the requests. Throws <see cref="RedisException"/> or a timeout where Redis does not answer.</summary>
    public Task<PaceDecision[]> PaceAsync(IReadOnlyList<PaceRequest> requests, CancellationToken cancellation) =>
        PaceAsync(requests, nowMicros: 0, cancellation);

    /// <param name="nowMicros">Unix microseconds; 0 for Redis' own clock.</param>
    internal async Task<PaceDecision[]> PaceAsync(IReadOnlyList<PaceRequest> requests, long nowMicros, CancellationToken cancellation)
    {
        var startedAt = clock.GetTimestamp();
        var waits = await RunAsync(requests, nowMicros, Ask, cancellation).ConfigureAwait(false);
        if (waits.Length == 0)
        {
            // A tenant of which Redis knows nothing: new, or all was lost. Only where anything went out lately can there be a debt.
            var lately = await claims.AnySinceAsync(LongestDebt, cancellation).ConfigureAwait(false);
            waits = await RunAsync(requests, nowMicros, lately ? "debt" : "none", cancellation).ConfigureAwait(false);
        }

        var decisions = new PaceDecision[requests.Count];
        var held = 0;
        for (var i = 0; i < decisions.Length; i++)
        {
            decisions[i] = new PaceDecision(TimeSpan.FromMicroseconds(Math.Abs(waits[i])), waits[i] < 0);
            held += decisions[i].MayGo ? 0 : 1;
        }

        metrics.Paced(clock.GetElapsedTime(startedAt), decisions.Length - held, held);
        return decisions;
    }

    private async Task<long[]> RunAsync(
        IReadOnlyList<PaceRequest> requests, long nowMicros, string missingMarker, CancellationToken cancellation)
    {
        var (keys, arguments) = Arguments(requests, nowMicros, missingMarker);
        var answer = await redis.GetDatabase().ScriptEvaluateAsync(Script, keys, arguments).WaitAsync(cancellation).ConfigureAwait(false);
        return (long[]?)answer ?? throw new InvalidOperationException("pace.lua answered nothing");
    }

    private (RedisKey[] Keys, RedisValue[] Arguments) Arguments(IReadOnlyList<PaceRequest> requests, long nowMicros, string missingMarker)
    {
        var keys = new List<RedisKey>();
        var markers = new List<RedisKey>();
        var rates = new List<RedisValue>();
        var markerOf = new Dictionary<TenantId, int>();
        var numbers = new Dictionary<(char Kind, Guid Id, string Class), int>();
        var messages = new RedisValue[requests.Count * Fields];
        for (var i = 0; i < requests.Count; i++)
        {
            var request = requests[i];
            messages[i * Fields] = request.Segments;
            messages[(i * Fields) + 1] = request.IsTransactional ? 1 : 0;
            messages[(i * Fields) + 2] = NumberOf(request.Tenant, 'a', request.AccountId, request.AccountRate);
            messages[(i * Fields) + 3] = NumberOf(request.Tenant, 't', request.Tenant.Value, request.TenantRate);
            messages[(i * Fields) + 4] = NumberOf(request.Tenant, 's', request.SenderId, request.SenderRate);
            messages[(i * Fields) + 5] = request.CarrierClass is { } carrier
                ? NumberOf(request.Tenant, 'c', request.SenderId, request.CarrierRate, carrier)
                : 0;
        }

        return (
            [.. keys, .. markers],
            [options.BurstMs * 1_000L, options.ReserveMs * 1_000L, KeepMs, nowMicros, missingMarker, keys.Count, .. rates, .. messages]);

        int NumberOf(TenantId tenant, char kind, Guid id, int rate, string carrier = "")
        {
            if (!numbers.TryGetValue((kind, id, carrier), out var number))
            {
                // An account belongs to one tenant, so the tenant's tag keeps the buckets of a message together in a cluster.
                keys.Add(string.Create(
                    CultureInfo.InvariantCulture, $"pace:{{{tenant.Value:N}}}:{kind}:{id:N}{(carrier.Length > 0 ? ":" : "")}{carrier}"));
                rates.Add(rate);
                rates.Add(MarkerOf(tenant));
                number = keys.Count;
                numbers.Add((kind, id, carrier), number);
            }

            return number;
        }

        int MarkerOf(TenantId tenant)
        {
            if (!markerOf.TryGetValue(tenant, out var number))
            {
                markers.Add(string.Create(CultureInfo.InvariantCulture, $"pace:{{{tenant.Value:N}}}:since"));
                number = markers.Count;
                markerOf.Add(tenant, number);
            }

            return number;
        }
    }

    private static string ReadScript()
    {
        using var stream = typeof(TokenBuckets).Assembly.GetManifestResourceStream(typeof(TokenBuckets), "pace.lua")
            ?? throw new InvalidOperationException("pace.lua is not in the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
