using Microsoft.Extensions.Logging;
using Npgsql;
using SmsCrm.Storage;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Forgets idempotency keys when their time is over, in small transactions; for the <c>record</c> role.</summary>
/// <param name="keep">How long a key is kept.</param>
internal sealed class SendKeyRetentionLoop(NpgsqlDataSource postgres, TimeSpan keep, TimeProvider clock, ILogger<SendKeyRetentionLoop> logger)
    : RetentionLoop(TimeSpan.FromMinutes(10), atOnce: 5_000, clock)
{
    private const string Sql =
        "DELETE FROM send_keys WHERE ctid = ANY (ARRAY(SELECT ctid FROM send_keys WHERE created_at < now() - $1 LIMIT $2))";

    public override async Task<int> RemoveOnceAsync(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = keep });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = AtOnce });
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    protected override void NotRemoved(Exception e) => Log.KeysNotForgotten(logger, e);
}
