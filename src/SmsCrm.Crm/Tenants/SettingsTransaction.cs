using System.Data;
using Dapper;
using Npgsql;

namespace SmsCrm.Crm.Tenants;

/// <summary>
/// A change of tenants, accounts or senders, together with the version that every cache compares. The version's row is taken
/// last, so that changes wait for one another only while they commit.
/// </summary>
internal static class SettingsTransaction
{
    /// <param name="change">Gives false where nothing was changed: then nothing is committed.</param>
    public static async Task<bool> RunAsync(NpgsqlDataSource database, Func<IDbConnection, IDbTransaction, Task<bool>> change, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        if (!await change(connection, transaction).ConfigureAwait(false))
        {
            return false;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE settings_version SET version = version + 1", transaction: transaction, cancellationToken: cancellation)).ConfigureAwait(false);
        // A commit is never cancelled: its fate would be unknown.
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        return true;
    }
}
