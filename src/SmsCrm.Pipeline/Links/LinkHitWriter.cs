using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Links;

/// <summary>
/// Writes hits under their ids, and counts those that it inserted, in one statement: whatever is written again changes nothing.
/// </summary>
internal sealed class LinkHitWriter(NpgsqlDataSource postgres, IOptions<LinksOptions> options)
{
    private const int TimeoutSeconds = 10;
    private const int RemovedAtOnce = 5_000;

    private readonly TimeSpan _tooSoon = TimeSpan.FromSeconds(options.Value.TooSoonSeconds);
    private readonly TimeSpan _kept = TimeSpan.FromDays(options.Value.HitDays);

    /// <returns>How many were new.</returns>
    public async Task<int> WriteAsync(IReadOnlyList<LinkHit> hits)
    {
        await using var command = postgres.CreateCommand(LinkHitSql.Write);
        command.CommandTimeout = TimeoutSeconds;
        Add(command, hits, static hit => hit.Id);
        Add(command, hits, static hit => hit.Link.Message.Value);
        Add(command, hits, static hit => hit.Link.Tenant.Value);
        Add(command, hits, static hit => hit.Link.CampaignId);
        Add(command, hits, static hit => hit.Link.Placeholder);
        Add(command, hits, static hit => hit.At.UtcDateTime);
        Add(command, hits, static hit => (short)hit.Flags);
        Add(command, hits, static hit => hit.Country);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = _tooSoon });

        // Never cancelled: whoever gives up waiting for a commit does not know its fate.
        return (int)(long)(await command.ExecuteScalarAsync(CancellationToken.None).ConfigureAwait(false))!;
    }

    /// <summary>Removes up to 5,000 hits whose time is over, and as many messages from those that were clicked.</summary>
    /// <returns>Whether there may be more.</returns>
    public async Task<bool> RemoveOnceAsync(CancellationToken cancellation)
    {
        var hits = await RemoveAsync(LinkHitSql.RemoveHits, _kept, cancellation).ConfigureAwait(false);

        // Ids are drawn at the acceptance; the day covers what clocks and quarter-hours differ by.
        var clickers = await RemoveAsync(LinkHitSql.RemoveClickers, _kept + ShortLink.LongestLife + TimeSpan.FromDays(1), cancellation).ConfigureAwait(false);
        return hits == RemovedAtOnce || clickers == RemovedAtOnce;
    }

    private async Task<int> RemoveAsync(string sql, TimeSpan kept, CancellationToken cancellation)
    {
#pragma warning disable CA2100 // Constants of this room.
        await using var command = postgres.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = kept });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = RemovedAtOnce });
        return (int)(long)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }

    private static void Add<T>(NpgsqlCommand command, IReadOnlyList<LinkHit> hits, Func<LinkHit, T> read) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. hits.Select(read)] });
}
