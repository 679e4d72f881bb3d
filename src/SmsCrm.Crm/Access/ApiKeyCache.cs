using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Npgsql;

namespace SmsCrm.Crm.Access;

/// <summary>How a lookup ended.</summary>
internal enum KeyLookupState
{
    Found,

    /// <summary>No such key, or a revoked one: which of the two is nobody's business.</summary>
    Unknown,

    /// <summary>Postgres did not say, and the key is not known well enough to go on without it.</summary>
    Unavailable,
}

internal readonly record struct KeyLookup(KeyLookupState State, KnownKey? Key);

/// <summary>A key that was found, with what every request under it shares.</summary>
internal sealed record KnownKey(ApiCaller Caller, long LoadedAt)
{
    public ApiKeyTicket Ticket { get; } = new(Caller);
}

/// <summary>
/// Keys in memory, bounded. Revocations come by <see cref="ApiKeyChangesLoop"/>; while that has word from Postgres an entry is good for
/// <see cref="AccessOptions.ReloadSeconds"/>, without it for <see cref="AccessOptions.GraceSeconds"/> since the last word.
/// </summary>
internal sealed class ApiKeyCache(
    IApiKeyStore store, RevokedKeys revoked, IOptions<AccessOptions> options, AccessMetrics metrics, TimeProvider clock) : IDisposable
{
    /// <summary>Lookups at once: a flood of unknown keys takes no more than these connections.</summary>
    private const int Lookups = 8;

    private readonly AccessOptions _options = options.Value;
    private readonly ConcurrentDictionary<KeyHash, KnownKey> _known = new();
    private readonly ConcurrentDictionary<KeyHash, long> _unknown = new();

    /// <summary>Lazy: a lookup begins when it is in here, so that its end finds it here and takes it out.</summary>
    private readonly ConcurrentDictionary<KeyHash, Lazy<Task<KeyLookup>>> _loading = new();
    private readonly SemaphoreSlim _lookups = new(Lookups);
    private long _lastWordAt = clock.GetTimestamp();
    private long _settingsVersion;

    /// <summary>Keys in memory, known and unknown ones.</summary>
    public int Count => _known.Count + _unknown.Count;

    public ValueTask<KeyLookup> FindAsync(KeyHash hash)
    {
        if (_known.TryGetValue(hash, out var known) && !known.Caller.IsRevoked)
        {
            var sinceWord = clock.GetElapsedTime(Volatile.Read(ref _lastWordAt));
            var isTold = sinceWord.TotalMilliseconds < 3 * _options.PollMs;
            if (isTold ? clock.GetElapsedTime(known.LoadedAt).TotalSeconds < _options.ReloadSeconds : sinceWord.TotalSeconds < _options.GraceSeconds)
            {
                return new(new KeyLookup(KeyLookupState.Found, known));
            }
        }
        else if (_unknown.TryGetValue(hash, out var at) && clock.GetElapsedTime(at).TotalMilliseconds < _options.UnknownMs)
        {
            return new(new KeyLookup(KeyLookupState.Unknown, null));
        }

        return new(_loading.GetOrAdd(hash, static (key, cache) => new Lazy<Task<KeyLookup>>(() => cache.LoadAsync(key)), this).Value);
    }

    /// <summary>Takes in what the loop read: word from Postgres, at this moment.</summary>
    public void Apply(KeyChanges changes)
    {
        if (Interlocked.Exchange(ref _settingsVersion, changes.SettingsVersion) != changes.SettingsVersion)
        {
            _known.Clear();
        }

        foreach (var key in changes.Revoked)
        {
            revoked.Add(key);
        }

        Volatile.Write(ref _lastWordAt, clock.GetTimestamp());
    }

    /// <summary>How long ago Postgres last said anything about keys.</summary>
    public TimeSpan SinceLastWord() => clock.GetElapsedTime(Volatile.Read(ref _lastWordAt));

    public void Dispose() => _lookups.Dispose();

    private async Task<KeyLookup> LoadAsync(KeyHash hash)
    {
        await Task.Yield();
        try
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(_options.LookupTimeoutMs), clock);
            await _lookups.WaitAsync(deadline.Token).ConfigureAwait(false);
            try
            {
                return Remember(hash, await store.FindAsync(hash, deadline.Token).ConfigureAwait(false));
            }
            finally
            {
                _lookups.Release();
            }
        }
        catch (Exception away) when (away is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            metrics.Lookup("unavailable");
            return new KeyLookup(KeyLookupState.Unavailable, null);
        }
        finally
        {
            _loading.TryRemove(hash, out _);
        }
    }

    private KeyLookup Remember(KeyHash hash, ApiCaller? caller)
    {
        if (caller is null or { IsRevoked: true })
        {
            metrics.Lookup("unknown");
            _known.TryRemove(hash, out _);
            Bound(_unknown);
            _unknown[hash] = clock.GetTimestamp();
            return new KeyLookup(KeyLookupState.Unknown, null);
        }

        metrics.Lookup("found");
        Bound(_known);
        var known = new KnownKey(caller, clock.GetTimestamp());
        _known[hash] = known;
        return new KeyLookup(KeyLookupState.Found, known);
    }

    /// <summary>Full means emptied: what is in use comes back with its next request.</summary>
    private void Bound<T>(ConcurrentDictionary<KeyHash, T> entries)
    {
        if (entries.Count >= _options.CachedKeys)
        {
            entries.Clear();
        }
    }
}
