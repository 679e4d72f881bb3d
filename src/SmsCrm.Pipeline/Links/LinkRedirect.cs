using System.Net;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Links;

/// <summary>What is asked of a redirect.</summary>
/// <param name="Code">As the path had it.</param>
/// <param name="Host">The name that was called, without a port.</param>
/// <param name="Address">The client's; null: not known.</param>
/// <param name="Flags">What the request says of who sent it.</param>
public readonly record struct LinkQuestion(string Code, string Host, IPAddress? Address, HitFlags Flags);

/// <summary>Where a short link leads: a closed set.</summary>
public abstract record LinkOutcome
{
    private LinkOutcome()
    {
    }

    public sealed record To(string Url) : LinkOutcome;

    /// <summary>It never was, is over, is none, is another tenant's than the domain, or its address has guessed too often: nobody is told which.</summary>
    public sealed record Nowhere : LinkOutcome;

    /// <summary>Nobody who knows could be asked in time.</summary>
    public sealed record Unreachable : LinkOutcome;
}

/// <summary>
/// Answers from memory, then Redis, then Postgres. Whatever is not there goes that whole way, whether it never was, is over, or could never
/// have been drawn, so that the time tells no more than the answer does.
/// </summary>
public sealed class LinkRedirect
{
    /// <summary>Asked for in the place of what no code can be. Nobody draws it.</summary>
    private const string NoCode = "----------";

    private static readonly LinkOutcome Nowhere = new LinkOutcome.Nowhere();
    private static readonly LinkOutcome Unreachable = new LinkOutcome.Unreachable();

    private readonly LinkMemory _memory;
    private readonly LinkShelf _shelf;
    private readonly LinkReads _reads;
    private readonly LinkHits _hits;
    private readonly ProviderDirectory _tenants;
    private readonly AddressBuckets _guesses;
    private readonly AddressCodes _followed;
    private readonly LinksMetrics _metrics;
    private readonly TimeProvider _clock;

    private enum Fate
    {
        Alive,

        /// <summary>It was there, and its time is over.</summary>
        Over,

        /// <summary>Nobody knows of it.</summary>
        Never,

        /// <summary>Who knows did not answer.</summary>
        Unknown,
    }

    internal LinkRedirect(
        LinkMemory memory, LinkShelf shelf, LinkReads reads, LinkHits hits, ProviderDirectory tenants, IOptions<LinksOptions> options, LinksMetrics metrics, TimeProvider clock)
    {
        _memory = memory;
        _shelf = shelf;
        _reads = reads;
        _hits = hits;
        _tenants = tenants;
        _guesses = new AddressBuckets(options.Value.GuessBurst, options.Value.GuessesPerMinute, clock);
        _followed = new AddressCodes(options.Value.CodesPerAddressAndMinute, clock);
        _metrics = metrics;
        _clock = clock;
    }

    public async ValueTask<LinkOutcome> FollowAsync(LinkQuestion question, CancellationToken cancellation)
    {
        if (!_guesses.HasRoom(question.Address))
        {
            _metrics.Redirected("guessing", "none");
            return Nowhere;
        }

        var code = LinkCode.IsWellFormed(question.Code) ? question.Code : NoCode;
        var (fate, link, source) = await FindAsync(code, cancellation).ConfigureAwait(false);
        if (fate == Fate.Alive && _tenants.Current.OwnerOfLinkDomain(question.Host) is { } owner && owner != link!.Tenant)
        {
            // A brand's domain leads where the brand says, and nobody else.
            fate = Fate.Never;
        }

        switch (fate)
        {
            case Fate.Alive:
                _metrics.Redirected("found", source);
                var many = _followed.AreMany(question.Address, code) ? HitFlags.ManyFromAddress : HitFlags.None;
                _hits.Add(link!, question.Flags | many, question.Address);
                return new LinkOutcome.To(link!.Url);
            case Fate.Unknown:
                _metrics.Redirected("unreachable", source);
                return Unreachable;
            case Fate.Over:
                // Somebody had that code: no guess. Many people share a carrier's address, and old texts are read for long.
                _metrics.Redirected("over", source);
                return Nowhere;
            default:
                _metrics.Redirected("nowhere", source);
                _guesses.Take(question.Address);
                return Nowhere;
        }
    }

    private async ValueTask<(Fate Fate, ShortLink? Link, string Source)> FindAsync(string code, CancellationToken cancellation)
    {
        if (_memory.Find(code) is { } remembered)
        {
            if (remembered.ExpiresAt > _clock.GetUtcNow())
            {
                return (Fate.Alive, remembered, "memory");
            }

            _memory.Forget(code);
        }

        if (Alive(await _shelf.FindAsync(code, cancellation).ConfigureAwait(false)) is { } onShelf)
        {
            _memory.Put(onShelf);
            return (Fate.Alive, onShelf, "redis");
        }

        var read = await _reads.FindAsync(code, cancellation).ConfigureAwait(false);
        if (Alive(read.Link) is { } kept)
        {
            _memory.Put(kept);
            _shelf.PutBack(kept);
            return (Fate.Alive, kept, "postgres");
        }

        return (!read.IsKnown ? Fate.Unknown : read.Link is null ? Fate.Never : Fate.Over, null, "none");
    }

    private ShortLink? Alive(ShortLink? link) => link?.ExpiresAt > _clock.GetUtcNow() ? link : null;
}
