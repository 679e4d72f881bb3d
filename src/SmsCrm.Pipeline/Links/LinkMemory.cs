using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Links;

/// <summary>Links that were followed lately, bounded by their number. Links never change.</summary>
internal sealed class LinkMemory(IOptions<LinksOptions> options) : IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(30);
    private readonly MemoryCache _links = new(new MemoryCacheOptions { SizeLimit = options.Value.MemoryLinks });

    public ShortLink? Find(string code) => _links.Get<ShortLink>(code);

    public void Put(ShortLink link) => _links.Set(link.Code, link, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = Kept });

    public void Forget(string code) => _links.Remove(code);

    public void Dispose() => _links.Dispose();
}
