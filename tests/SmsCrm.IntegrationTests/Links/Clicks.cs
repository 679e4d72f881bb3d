using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.IntegrationTests.Links;

/// <summary>Clicks on messages' links, written as the queue behind the redirect writes them.</summary>
internal static class Clicks
{
    private static readonly IOptions<LinksOptions> Settings = Options.Create(new LinksOptions { TooSoonSeconds = 0, HitDays = 30 });

    public const string Url = "https://shop.example.com/spring?x=1#top";

    /// <summary>With a link, as its request says it.</summary>
    public static AcceptedMessage WithLink(this AcceptedMessage message) =>
        message with { Request = new RequestRecord { Links = { new Link { Placeholder = "offer", Url = Url } } }.ToByteArray() };

    public static LinkHit Hit(this AcceptedMessage message, HitFlags flags = HitFlags.None, Guid? id = null) => new(
        id ?? Guid.CreateVersion7(),
        new ShortLink("0123456789", message.Id, message.Tenant, message.CampaignId, "offer", Url, DateTimeOffset.MaxValue),
        TimeProvider.System.GetUtcNow(),
        flags);

    /// <returns>How many were new.</returns>
    public static Task<int> WriteAsync(NpgsqlDataSource postgres, params LinkHit[] hits) => new LinkHitWriter(postgres, Settings).WriteAsync(hits);

    /// <summary>Removes what is older than 30 days.</summary>
    public static async Task RemoveOldAsync(NpgsqlDataSource postgres)
    {
        using var retention = new LinkHitRetentionLoop(postgres, Settings, TimeProvider.System, NullLogger<LinkHitRetentionLoop>.Instance);
        await retention.RemoveOnceAsync(default);
    }
}
