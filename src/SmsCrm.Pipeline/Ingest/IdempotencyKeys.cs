using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Messages;
using StackExchange.Redis;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>What an idempotency key says of a request.</summary>
internal enum KeyState
{
    /// <summary>Nobody had it: the message goes its way under its own id.</summary>
    Mine,

    /// <summary>The same request came before and was not acknowledged: it is appended again, with that id.</summary>
    TryAgain,

    /// <summary>The same request was acknowledged before: answer with its id.</summary>
    Repeated,

    /// <summary>Another request has the key.</summary>
    Conflict,

    /// <summary>Nobody who could know answered in time: the caller is to try again under the same key.</summary>
    Unanswered,
}

internal readonly record struct KeyDecision(KeyState State, MessageId Id);

/// <summary>
/// The fast side of idempotency keys, in Redis, which may be lost: then the ledger's <c>send_keys</c> is asked, and what it does not have
/// yet it still refuses later, as a duplicate of the first. So while Redis is away a repeat may be answered with an id of its own, which
/// ends as rejected and is never a text. A Redis that is only slow, or not yet connected to, is no reason for that: the caller tries again.
/// </summary>
internal sealed class IdempotencyKeys(
    IConnectionMultiplexer redis, ISendKeys sendKeys, IOptions<IngestOptions> options, IngestMetrics metrics, TimeProvider clock, ILogger<IdempotencyKeys> logger)
{
    /// <summary>Only whoever's id still stands there, or nobody's, is marked: after a lost Redis another may have taken the key.</summary>
    private const string AcknowledgeScript =
        """
        local held = redis.call('GET', KEYS[1])
        if not held or string.sub(held, 1, 16) == string.sub(ARGV[1], 1, 16) then
          redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
        end
        """;

    /// <summary>For this long a process that just started takes Redis to be there and slow, not away.</summary>
    private static readonly TimeSpan FirstConnection = TimeSpan.FromSeconds(5);

    private readonly long _startedAt = clock.GetTimestamp();
    private readonly TimeSpan _kept = TimeSpan.FromHours(options.Value.IdempotencyKeyHours);
    private readonly TimeSpan _timeout = TimeSpan.FromMilliseconds(options.Value.KeyLookupTimeoutMs);
    private volatile bool _wasConnected;

    private enum StoreAnswer
    {
        Answered,

        /// <summary>It is there, or should be, and did not answer in time.</summary>
        Late,

        /// <summary>It can't be reached.</summary>
        Away,
    }

    /// <summary>
    /// Takes the key for a candidate, or says who has it. Redis' word alone is enough when it says <i>acknowledged</i>; else the ledger's
    /// goes before it: what Redis holds may be a candidate that the ledger refused, or nobody's after a loss.
    /// </summary>
    public async ValueTask<KeyDecision> TakeAsync(TenantId tenant, string key, MessageId candidate, byte[] hash, CancellationToken cancellation)
    {
        var (redisAnswer, held) = await TakeInRedisAsync(tenant, key, candidate, hash, cancellation).ConfigureAwait(false);
        if (held is { IsAcknowledged: true } acknowledged)
        {
            return new KeyDecision(acknowledged.Matches(hash) ? KeyState.Repeated : KeyState.Conflict, acknowledged.Id);
        }

        var (ledgerAnswer, first) = await ReadLedgerAsync(tenant, key, cancellation).ConfigureAwait(false);
        if (first is { } known && known.Id != candidate)
        {
            _ = WriteAsync(tenant, key, new HeldKey(known.Id, known.Hash, IsAcknowledged: true));
            return new KeyDecision(known.Hash.AsSpan().SequenceEqual(hash) ? KeyState.Repeated : KeyState.Conflict, known.Id);
        }

        if (redisAnswer == StoreAnswer.Late || (redisAnswer == StoreAnswer.Away && ledgerAnswer != StoreAnswer.Answered))
        {
            return new KeyDecision(KeyState.Unanswered, candidate);
        }

        // The ledger may know the candidate itself: a twin that found it in Redis was faster.
        return held is not { } unacknowledged ? new KeyDecision(KeyState.Mine, candidate)
            : new KeyDecision(unacknowledged.Matches(hash) ? KeyState.TryAgain : KeyState.Conflict, unacknowledged.Id);
    }

    /// <summary>Not waited for: a repeat that comes before it appends again under the same id, which is harmless.</summary>
    public void Acknowledge(TenantId tenant, string key, MessageId id, byte[] hash)
    {
        if (redis.IsConnected)
        {
            _ = AcknowledgeAsync(tenant, key, new HeldKey(id, hash, IsAcknowledged: true));
        }
    }

    private async ValueTask<(StoreAnswer Answer, HeldKey? Held)> TakeInRedisAsync(
        TenantId tenant, string key, MessageId candidate, byte[] hash, CancellationToken cancellation)
    {
        if (redis.IsConnected)
        {
            _wasConnected = true;
        }
        else if (_wasConnected || clock.GetElapsedTime(_startedAt) > FirstConnection)
        {
            metrics.KeyStoreAway("redis");
            return (StoreAnswer.Away, null);
        }

        try
        {
            var mine = new HeldKey(candidate, hash, IsAcknowledged: false);
            byte[]? held = await redis.GetDatabase().StringSetAndGetAsync(Name(tenant, key), mine.ToBytes(), _kept, keepTtl: false, When.NotExists)
                .WaitAsync(_timeout, clock, cancellation).ConfigureAwait(false);
            return (StoreAnswer.Answered, held is null ? null : HeldKey.Read(held));
        }
        catch (Exception away) when (away is RedisException or TimeoutException)
        {
            metrics.KeyStoreAway("redis");
            Log.KeyStoreAway(logger, "Redis", away.Message);
            return (away is TimeoutException ? StoreAnswer.Late : StoreAnswer.Away, null);
        }
    }

    private async ValueTask<(StoreAnswer Answer, SendKey? First)> ReadLedgerAsync(TenantId tenant, string key, CancellationToken cancellation)
    {
        try
        {
            return (StoreAnswer.Answered, await sendKeys.FindAsync(tenant, key, cancellation).WaitAsync(_timeout, clock, cancellation).ConfigureAwait(false));
        }
        catch (Exception away) when (away is Npgsql.NpgsqlException or TimeoutException)
        {
            metrics.KeyStoreAway("postgres");
            Log.KeyStoreAway(logger, "Postgres", away.Message);
            return (away is TimeoutException ? StoreAnswer.Late : StoreAnswer.Away, null);
        }
    }

    private async Task WriteAsync(TenantId tenant, string key, HeldKey entry)
    {
        try
        {
            await redis.GetDatabase().StringSetAsync(Name(tenant, key), entry.ToBytes(), _kept).ConfigureAwait(false);
        }
        catch (RedisException)
        {
            metrics.KeyStoreAway("redis");
        }
    }

    private async Task AcknowledgeAsync(TenantId tenant, string key, HeldKey entry)
    {
        try
        {
            await redis.GetDatabase().ScriptEvaluateAsync(AcknowledgeScript, [Name(tenant, key)], [entry.ToBytes(), (long)_kept.TotalSeconds]).ConfigureAwait(false);
        }
        catch (RedisException)
        {
            metrics.KeyStoreAway("redis");
        }
    }

    private static RedisKey Name(TenantId tenant, string key) =>
        string.Create(CultureInfo.InvariantCulture, $"smscrm:send-key:{tenant.Value:N}:{key}");
}
