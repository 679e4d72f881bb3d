using System.Data;
using Dapper;
using Npgsql;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Audit;

/// <summary>Who changes what: what a change of settings is on record with.</summary>
/// <param name="Tenant">Null: of the whole platform.</param>
/// <param name="Actor">An API key's name, or who ran the command; 1 to 200 characters.</param>
/// <param name="Subject">Such as <c>sender 019aa000-…</c>.</param>
internal sealed record Note(TenantId? Tenant, string Actor, string Action, string Subject);

/// <summary>A change of one row of the settings with its line in the change log, in one transaction: before and after as the row shows them.</summary>
internal static class AuditedChange
{
    /// <param name="show">Reads the row as JSON, without secrets and without its version; locks it.</param>
    /// <param name="change">Changes one row, or none.</param>
    /// <param name="values">The parameters of both.</param>
    /// <returns>False where nothing was changed: then nothing is on record.</returns>
    public static Task<bool> RunAsync(
        NpgsqlDataSource database, Note note, string show, string change, object values, CancellationToken cancellation) => SettingsTransaction.RunAsync(
        database,
        async (connection, transaction) =>
        {
            var before = await ShowAsync(connection, transaction, show, values, cancellation).ConfigureAwait(false);
            if (await connection.ExecuteAsync(new CommandDefinition(change, values, transaction, cancellationToken: cancellation)).ConfigureAwait(false) != 1)
            {
                return false;
            }

            var after = await ShowAsync(connection, transaction, show, values, cancellation).ConfigureAwait(false);
            await ChangeLog.WriteAsync(connection, transaction, note, before, after, cancellation).ConfigureAwait(false);
            return true;
        },
        cancellation);

    private static Task<string?> ShowAsync(IDbConnection connection, IDbTransaction transaction, string show, object values, CancellationToken cancellation) =>
        connection.ExecuteScalarAsync<string?>(new CommandDefinition(show, values, transaction, cancellationToken: cancellation));
}
