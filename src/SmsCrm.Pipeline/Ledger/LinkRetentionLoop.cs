using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>
/// Removes short links that are over for 30 days, in small transactions; for the <c>record</c> role. Their answer stays the same; only whoever follows
/// one is taken for guessing from then on.
/// </summary>
internal sealed class LinkRetentionLoop(NpgsqlDataSource postgres, TimeProvider clock, ILogger<LinkRetentionLoop> logger) : BackgroundService
{
    private const int AtOnce = 5_000;
    private static readonly TimeSpan Round = TimeSpan.FromHours(1);

    private const string Sql =
        "DELETE FROM links WHERE ctid = ANY (ARRAY(SELECT ctid FROM links WHERE expires_at < now() - interval '30 days' LIMIT $1))";

    /// <returns>How many were removed; at most 5,000.</returns>
    public async Task<int> RemoveOnceAsync(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = AtOnce });
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Round, clock);
        do
        {
            try
            {
                while (await RemoveOnceAsync(stoppingToken).ConfigureAwait(false) == AtOnce)
                {
                    // A backlog goes without pause.
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.LinksNotRemoved(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }
}
