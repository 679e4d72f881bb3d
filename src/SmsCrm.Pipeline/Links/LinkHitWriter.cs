using Microsoft.Extensions.Options;
using Npgsql;

namespace SmsCrm.Pipeline.Links;

/// <summary>
/// Writes hits under their ids, and counts those that it inserted, in one statement: whatever is written again changes nothing.
/// </summary>
internal sealed class LinkHitWriter(NpgsqlDataSource postgres, IOptions<LinksOptions> options)
{
    private const int TimeoutSeconds = 10;
    private const int RemovedAtOnce = 5_000;

    /// <summary>
    /// Too soon is judged here, where the delivery is known: from the provider's word of it (event 8: delivered) where that came before the hit, else
    /// from the last claim. HEAD is no click; a flagged one is a raw click only. The event's bounds leave out the days it can't stand in; an hour
    /// covers any difference between the clocks.
    /// </summary>
    private const string Sql =
        """
        WITH hits AS MATERIALIZED (
          SELECT h.id, h.message_id, h.tenant_id, h.campaign_id, h.placeholder, h.at,
            (h.flags | CASE WHEN h.at < coalesce(delivered.at, m.claimed_at) + $8 THEN 8 ELSE 0 END)::smallint AS flags
          FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::smallint[])
            AS h(id, message_id, tenant_id, campaign_id, placeholder, at, flags)
          LEFT JOIN LATERAL (SELECT claimed_at FROM messages WHERE id = h.message_id LIMIT 1) m ON true
          LEFT JOIN LATERAL (
            SELECT min(e.at) AS at FROM message_events e
            WHERE e.message_id = h.message_id AND e.kind = 8 AND e.at >= uuid7_time(h.message_id) - interval '1 hour' AND e.at <= h.at
          ) delivered ON true
        ),
        written AS (
          INSERT INTO link_hits (id, message_id, tenant_id, campaign_id, placeholder, at, flags)
          SELECT id, message_id, tenant_id, campaign_id, placeholder, at, flags FROM hits ORDER BY id
          ON CONFLICT (id) DO NOTHING
          RETURNING tenant_id, campaign_id, at, flags
        ),
        counted AS (
          INSERT INTO link_counts (tenant_id, campaign_id, quarter, raw, human)
          SELECT tenant_id, campaign_id, date_bin('15 minutes', at, '1970-01-01T00:00Z') AS quarter, count(*), count(*) FILTER (WHERE flags = 0)
          FROM written WHERE flags & 1 = 0 GROUP BY 1, 2, 3 ORDER BY 1, 3, 2
          ON CONFLICT (tenant_id, quarter, campaign_id) DO UPDATE SET raw = link_counts.raw + EXCLUDED.raw, human = link_counts.human + EXCLUDED.human
        )
        SELECT count(*) FROM written
        """;

    // With the hits goes the part of the feed that they stood in.
    private const string RemoveSql =
        """
        WITH gone AS (
          DELETE FROM link_hits WHERE id = ANY (ARRAY(SELECT id FROM link_hits WHERE id < uuid7_floor(now() - $1) ORDER BY id LIMIT $2)) RETURNING xid
        ),
        raised AS (UPDATE link_hit_floor SET feed_floor = greatest(feed_floor, (SELECT max(xid) FROM gone)) WHERE EXISTS (SELECT FROM gone))
        SELECT count(*) FROM gone
        """;

    private readonly TimeSpan _tooSoon = TimeSpan.FromSeconds(options.Value.TooSoonSeconds);
    private readonly TimeSpan _kept = TimeSpan.FromDays(options.Value.HitDays);

    /// <returns>How many were new.</returns>
    public async Task<int> WriteAsync(IReadOnlyList<LinkHit> hits)
    {
        await using var command = postgres.CreateCommand(Sql);
        command.CommandTimeout = TimeoutSeconds;
        Add(command, hits, static hit => hit.Id);
        Add(command, hits, static hit => hit.Link.Message.Value);
        Add(command, hits, static hit => hit.Link.Tenant.Value);
        Add(command, hits, static hit => hit.Link.CampaignId);
        Add(command, hits, static hit => hit.Link.Placeholder);
        Add(command, hits, static hit => hit.At.UtcDateTime);
        Add(command, hits, static hit => (short)hit.Flags);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = _tooSoon });

        // Never cancelled: whoever gives up waiting for a commit does not know its fate.
        return (int)(long)(await command.ExecuteScalarAsync(CancellationToken.None).ConfigureAwait(false))!;
    }

    /// <summary>Removes up to 5,000 hits whose time is over.</summary>
    /// <returns>Whether there may be more.</returns>
    public async Task<bool> RemoveOnceAsync(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(RemoveSql);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = _kept });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = RemovedAtOnce });
        return (long)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))! == RemovedAtOnce;
    }

    private static void Add<T>(NpgsqlCommand command, IReadOnlyList<LinkHit> hits, Func<LinkHit, T> read) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. hits.Select(read)] });
}
