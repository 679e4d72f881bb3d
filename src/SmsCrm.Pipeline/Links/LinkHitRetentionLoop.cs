using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Storage;

namespace SmsCrm.Pipeline.Links;

/// <summary>Removes hits after <see cref="LinksOptions.HitDays"/>, and which messages were clicked once no link and no hit of theirs can be left.</summary>
internal sealed class LinkHitRetentionLoop(NpgsqlDataSource postgres, IOptions<LinksOptions> options, TimeProvider clock, ILogger<LinkHitRetentionLoop> logger)
    : RetentionLoop(TimeSpan.FromHours(1), atOnce: 5_000, clock)
{
    private readonly TimeSpan _kept = TimeSpan.FromDays(options.Value.HitDays);

    public override async Task<int> RemoveOnceAsync(CancellationToken cancellation)
    {
        var hits = await RemoveAsync(LinkHitSql.RemoveHits, _kept, cancellation).ConfigureAwait(false);

        // Ids are drawn at the acceptance; the day covers what clocks and quarter-hours differ by.
        var clickers = await RemoveAsync(LinkHitSql.RemoveClickers, _kept + ShortLink.LongestLife + TimeSpan.FromDays(1), cancellation).ConfigureAwait(false);
        return Math.Max(hits, clickers);
    }

    protected override void NotRemoved(Exception e) => Log.HitsNotRemoved(logger, e);

    private async Task<int> RemoveAsync(string sql, TimeSpan kept, CancellationToken cancellation)
    {
#pragma warning disable CA2100 // Constants of this room.
        await using var command = postgres.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = kept });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = AtOnce });
        return (int)(long)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }
}
