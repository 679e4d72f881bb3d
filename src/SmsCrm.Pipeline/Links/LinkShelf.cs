using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Messages;
using StackExchange.Redis;

namespace SmsCrm.Pipeline.Links;

/// <summary>The fast side of short links, in Redis, which may be lost: whatever it does not have is asked of Postgres.</summary>
internal sealed class LinkShelf(IConnectionMultiplexer redis, IOptions<LinksOptions> options, LinksMetrics metrics, TimeProvider clock, ILogger<LinkShelf> logger)
    : ILinkShelf
{
    private readonly TimeSpan _timeout = TimeSpan.FromMilliseconds(options.Value.RedisTimeoutMs);
    private readonly TimeSpan _kept = TimeSpan.FromHours(options.Value.RedisHours);

    public async ValueTask<ShelfAnswer> KeepAsync(IReadOnlyList<ShortLink> links, CancellationToken cancellation)
    {
        try
        {
            var now = clock.GetUtcNow();
            var writes = links.Select(link => WriteAsync(link, now, When.NotExists)).ToArray();
            var written = await Task.WhenAll(writes).WaitAsync(_timeout, clock, cancellation).ConfigureAwait(false);
            return written.Contains(false) ? ShelfAnswer.Taken : ShelfAnswer.Kept;
        }
        catch (Exception away) when (away is RedisException or TimeoutException)
        {
            metrics.ShelfAway("keep");
            Log.ShelfAway(logger, away.Message);
            return ShelfAnswer.Away;
        }
    }

    /// <summary>Null: it is not here, which says nothing, or Redis is away.</summary>
    public async ValueTask<ShortLink?> FindAsync(string code, CancellationToken cancellation)
    {
        try
        {
            string? text = await redis.GetDatabase().StringGetAsync(Key(code)).WaitAsync(_timeout, clock, cancellation).ConfigureAwait(false);
            return text is null ? null : Read(code, text);
        }
        catch (Exception away) when (away is RedisException or TimeoutException)
        {
            metrics.ShelfAway("find");
            Log.ShelfAway(logger, away.Message);
            return null;
        }
    }

    /// <summary>After a link was found in Postgres. Not waited for.</summary>
    public void PutBack(ShortLink link) => _ = PutBackAsync(link);

    private async Task PutBackAsync(ShortLink link)
    {
        try
        {
            await WriteAsync(link, clock.GetUtcNow(), When.Always).ConfigureAwait(false);
        }
        catch (RedisException)
        {
            metrics.ShelfAway("put_back");
        }
    }

    private async Task<bool> WriteAsync(ShortLink link, DateTimeOffset now, When when)
    {
        var left = link.ExpiresAt - now;
        return left <= TimeSpan.Zero
            || await redis.GetDatabase().StringSetAsync(Key(link.Code), Text(link), left < _kept ? left : _kept, keepTtl: false, when).ConfigureAwait(false);
    }

    private static RedisKey Key(string code) => "smscrm:link:" + code;

    /// <summary>None of the fields before the last can hold a line's end.</summary>
    private static string Text(ShortLink link) => string.Create(
        CultureInfo.InvariantCulture,
        $"{link.Message.Value:N}\n{link.Tenant.Value:N}\n{link.ExpiresAt.ToUnixTimeMilliseconds()}\n{link.Placeholder}\n{link.CampaignId}\n{link.Url}");

    private static ShortLink? Read(string code, string text) =>
        text.Split('\n', 6) is [var message, var tenant, var expires, var placeholder, var campaign, var url]
        && Guid.TryParseExact(message, "N", out var messageId) && Guid.TryParseExact(tenant, "N", out var tenantId)
        && long.TryParse(expires, CultureInfo.InvariantCulture, out var ms)
            ? new ShortLink(code, new MessageId(messageId), new TenantId(tenantId), campaign, placeholder, url, DateTimeOffset.FromUnixTimeMilliseconds(ms))
            : null;
}
