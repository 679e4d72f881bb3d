using Microsoft.Extensions.Options;
using Npgsql;

namespace SmsCrm.Pipeline.Links;

/// <summary>
/// Writes hits under their ids, and counts those that it inserted, in one statement: whatever is written again changes nothing.
/// </summary>
internal sealed class LinkHitWriter(NpgsqlDataSource postgres, IOptions<LinksOptions> options)
{
    private const int TimeoutSeconds = 10;

    /// <returns>How many were new.</returns>
    public async Task<int> WriteAsync(IReadOnlyList<LinkHit> hits)
    {
        await using var connection = await postgres.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(LinkHitSql.Write, connection) { CommandTimeout = TimeoutSeconds };
        LinkHitSql.AddSpans(command.Parameters, options.Value);
        Add(command, hits, static hit => hit.Id);
        Add(command, hits, static hit => hit.Link.Message.Value);
        Add(command, hits, static hit => hit.Link.Tenant.Value);
        Add(command, hits, static hit => hit.Link.CampaignId);
        Add(command, hits, static hit => hit.Link.Placeholder);
        Add(command, hits, static hit => hit.At.UtcDateTime);
        Add(command, hits, static hit => (short)hit.Flags);
        Add(command, hits, static hit => hit.Country);

        // Once a connection, and without the hits: where Npgsql prepares a statement by itself and Postgres refuses its values, the next one on that connection fails.
        await command.PrepareAsync(CancellationToken.None).ConfigureAwait(false);

        // Never cancelled: whoever gives up waiting for a commit does not know its fate.
        return (int)(long)(await command.ExecuteScalarAsync(CancellationToken.None).ConfigureAwait(false))!;
    }

    private static void Add<T>(NpgsqlCommand command, IReadOnlyList<LinkHit> hits, Func<LinkHit, T> read) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. hits.Select(read)] });
}
