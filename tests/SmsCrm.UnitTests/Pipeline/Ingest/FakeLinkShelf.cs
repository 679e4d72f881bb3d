using System.Collections.Concurrent;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.UnitTests.Pipeline.Ingest;

/// <summary>Keeps links in a list, or answers as it is told.</summary>
internal sealed class FakeLinkShelf : ILinkShelf
{
    public ShelfAnswer Answer { get; set; } = ShelfAnswer.Kept;

    public ConcurrentQueue<ShortLink> Links { get; } = new();

    public ValueTask<ShelfAnswer> KeepAsync(IReadOnlyList<ShortLink> links, CancellationToken cancellation)
    {
        foreach (var link in links)
        {
            Links.Enqueue(link);
        }

        return new(Answer);
    }
}
