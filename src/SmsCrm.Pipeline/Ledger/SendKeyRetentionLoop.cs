using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Forgets idempotency keys when their time is over, in small transactions; for the <c>record</c> role.</summary>
/// <param name="keep">How long a key is kept.</param>
internal sealed class SendKeyRetentionLoop(NpgsqlDataSource postgres, TimeSpan keep, TimeProvider clock, ILogger<SendKeyRetentionLoop> logger) : BackgroundService
{
    private const int AtOnce = 5_000;
    private static readonly TimeSpan Round = TimeSpan.FromMinutes(10);

    private const string Sql =
        "DELETE FROM send_keys WHERE ctid = ANY (ARRAY(SELECT ctid FROM send_keys WHERE created_at < now() - $1 LIMIT $2))";

    /// <returns>How many were forgotten; at most 5,000.</returns>
    public async Task<int> ForgetOnceAsync(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = keep });
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
                while (await ForgetOnceAsync(stoppingToken).ConfigureAwait(false) == AtOnce)
                {
                    // A backlog goes without pause.
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.KeysNotForgotten(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }
}
