using Microsoft.Extensions.Logging;
using Npgsql;
using SmsCrm.Storage;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>
/// Removes short links that are over for 30 days, in small transactions; for the <c>record</c> role. Their answer stays the same; only whoever follows
/// one is taken for guessing from then on.
/// </summary>
internal sealed class LinkRetentionLoop(NpgsqlDataSource postgres, TimeProvider clock, ILogger<LinkRetentionLoop> logger)
    : RetentionLoop(TimeSpan.FromHours(1), atOnce: 5_000, clock)
{
    private const string Sql =
        "DELETE FROM links WHERE ctid = ANY (ARRAY(SELECT ctid FROM links WHERE expires_at < now() - interval '30 days' LIMIT $1))";

    public override async Task<int> RemoveOnceAsync(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = AtOnce });
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    protected override void NotRemoved(Exception e) => Log.LinksNotRemoved(logger, e);
}
