using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace SmsCrm.Server.Endpoints.Reports;

/// <summary>An answer as it was made.</summary>
/// <param name="Tag">Of what it says, but for the moment that it is of: the same figures again have the same tag.</param>
/// <param name="Made">The clock's timestamp from before it was read.</param>
internal sealed record CachedReport(byte[] Body, string Tag, long Made)
{
    /// <param name="content">What the tag is of.</param>
    public static CachedReport Of(byte[] body, byte[] content, long made) =>
        new(body, $"W/\"{Convert.ToHexStringLower(SHA256.HashData(content)[..16])}\"", made);
}

/// <summary>
/// Keeps answers for some seconds, so that many screens cost one query. Several who ask for the same at once wait for one reading. The age counts
/// from before the reading: what is given is never older than the time it is kept.
/// </summary>
internal sealed class ReportCache : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<object, Lazy<Task<CachedReport>>> _reading = [];
    private readonly MemoryCache _kept;
    private readonly TimeProvider _clock;

    public ReportCache(IOptions<ReportsOptions> options, TimeProvider clock)
    {
        Keep = TimeSpan.FromSeconds(options.Value.CacheSeconds);
        _clock = clock;
        _kept = new MemoryCache(new MemoryCacheOptions { SizeLimit = options.Value.CacheMegabytes * 1024L * 1024 });
    }

    public TimeSpan Keep { get; }

    /// <summary>How much longer the answer may be given.</summary>
    public TimeSpan Left(CachedReport report, TimeSpan? keep = null) => (keep ?? Keep) - _clock.GetElapsedTime(report.Made);

    /// <summary>Whether the caller has what the tag is of: as RFC 9110 compares If-None-Match, weakly.</summary>
    public static bool Has(StringValues ifNoneMatch, string tag) =>
        EntityTagHeaderValue.TryParseList([.. ifNoneMatch.OfType<string>()], out var known)
        && known.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(EntityTagHeaderValue.Parse(tag), useStrongComparison: false));

    /// <param name="key">Of everything that the answer depends on, the tenant first; compared by value.</param>
    /// <param name="keep">Null: <see cref="Keep"/>.</param>
    public async Task<CachedReport> GetAsync(
        object key, Func<long, CancellationToken, Task<CachedReport>> read, CancellationToken cancellation, TimeSpan? keep = null)
    {
        if (_kept.TryGetValue(key, out CachedReport? kept) && Left(kept!, keep) > TimeSpan.Zero)
        {
            return kept!;
        }

        // Whoever comes first reads for all; one that goes away takes nothing from the others.
        var reading = _reading.GetOrAdd(key, k => new Lazy<Task<CachedReport>>(() => ReadAsync(k, read, keep ?? Keep)));
        return await reading.Value.WaitAsync(cancellation);
    }

    public void Dispose() => _kept.Dispose();

    private async Task<CachedReport> ReadAsync(object key, Func<long, CancellationToken, Task<CachedReport>> read, TimeSpan keep)
    {
        using var deadline = new CancellationTokenSource(Deadline, _clock);
        try
        {
            var report = await read(_clock.GetTimestamp(), deadline.Token);
            if (keep > TimeSpan.Zero)
            {
                using var entry = _kept.CreateEntry(key);
                entry.Value = report;
                entry.Size = report.Body.Length + 512;
                entry.AbsoluteExpirationRelativeToNow = keep;
            }

            return report;
        }
        finally
        {
            _reading.TryRemove(key, out _);
        }
    }
}
