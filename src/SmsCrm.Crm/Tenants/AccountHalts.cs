using System.Text.Json;
using Dapper;
using Npgsql;
using SmsCrm.Crm.Audit;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Crm.Tenants;

/// <summary>Halts an account because the provider refuses it; on record like every change of settings, by <c>provider</c>.</summary>
internal sealed class AccountHalts(NpgsqlDataSource database) : IAccountHalts
{
    private const string Actor = "provider";

    public Task<bool> HaltAsync(Guid account, string reason, CancellationToken cancellation) => SettingsTransaction.RunAsync(
        database,
        async (connection, transaction) =>
        {
            var tenant = await connection.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
                """
                UPDATE provider_accounts SET state = 'halted', halted_reason = @reason, version = version + 1, updated_at = now()
                WHERE id = @account AND state = 'active' RETURNING tenant_id
                """,
                new { account, reason },
                transaction,
                cancellationToken: cancellation)).ConfigureAwait(false);
            if (tenant is not { } id)
            {
                return false;
            }

            await ChangeLog.WriteAsync(
                connection, transaction, new TenantId(id), Actor, "halt", $"account {account}",
                """{"state":"active"}""", JsonSerializer.Serialize(new { state = "halted", reason }), cancellation).ConfigureAwait(false);
            return true;
        },
        cancellation);
}
