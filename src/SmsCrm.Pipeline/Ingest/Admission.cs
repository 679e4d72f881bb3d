using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>
/// Keeps what waits within bounds, of each tenant and of all: beyond them a new request is told to try again, never queued without end. It knows what
/// waited when it was last told, and adds what this node accepted since.
/// </summary>
internal sealed class Admission(IOptions<IngestOptions> options)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);
    private readonly IngestOptions _options = options.Value;
    private Picture _picture = new(new Dictionary<TenantId, long>(), 0);
    private Accepted _now = new();
    private IReadOnlyList<Accepted> _before = [];

    /// <returns>Null: it may be accepted.</returns>
    public IngestOutcome.Busy? Judge(TenantId tenant)
    {
        var picture = Volatile.Read(ref _picture);
        var ofTenant = picture.ByTenant.GetValueOrDefault(tenant) + SinceThen(of => of.Of(tenant));
        return ofTenant >= _options.MaxWaitingPerTenant
            ? Refusal($"{Shown(ofTenant)} of your messages wait to be sent, and {Shown(_options.MaxWaitingPerTenant)} may; nothing was accepted of this one: try again when some have gone.")
            : picture.All + SinceThen(static of => of.All) >= _options.MaxWaiting
            ? Refusal("Too many messages wait to be sent, of all tenants together; nothing was accepted of this one: try again later.")
            : null;
    }

    /// <summary>Told of each message that was accepted.</summary>
    public void Note(TenantId tenant) => Volatile.Read(ref _now).Add(tenant);

    /// <summary>What waits, as it was read. What was accepted within <see cref="IngestOptions.AdmissionOverlap"/> rounds before may not be in it yet.</summary>
    public void Seen(IReadOnlyDictionary<TenantId, long> byTenant, long notYetRecorded)
    {
        var before = new List<Accepted>([_now, .. _before.Take(_options.AdmissionOverlap - 1)]);
        Volatile.Write(ref _before, before);
        Volatile.Write(ref _now, new Accepted());
        Volatile.Write(ref _picture, new Picture(byTenant, byTenant.Values.Sum() + notYetRecorded));
    }

    private long SinceThen(Func<Accepted, long> count)
    {
        var sum = count(Volatile.Read(ref _now));
        foreach (var round in Volatile.Read(ref _before))
        {
            sum += count(round);
        }

        return sum;
    }

    private static IngestOutcome.Busy Refusal(string sentence) => new(RetryAfter, sentence);

    private static string Shown(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private sealed record Picture(IReadOnlyDictionary<TenantId, long> ByTenant, long All);

    /// <summary>What this node accepted in one round.</summary>
    private sealed class Accepted
    {
        private readonly ConcurrentDictionary<TenantId, StrongBox<long>> _byTenant = new();
        private long _all;

        public long All => Interlocked.Read(ref _all);

        public long Of(TenantId tenant) => _byTenant.TryGetValue(tenant, out var count) ? Interlocked.Read(ref count.Value) : 0;

        public void Add(TenantId tenant)
        {
            Interlocked.Increment(ref _byTenant.GetOrAdd(tenant, static _ => new StrongBox<long>()).Value);
            Interlocked.Increment(ref _all);
        }
    }
}
