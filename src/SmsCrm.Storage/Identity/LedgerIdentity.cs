using Npgsql;

namespace SmsCrm.Storage.Identity;

/// <summary>Whether the Postgres that answers is the one that the ledger was written by.</summary>
/// <param name="Sentence">For an operator: what is, and what to do about it.</param>
public sealed record LedgerIdentityCheck(bool Same, string Sentence);

/// <summary>
/// Another Postgres (a restore, a fail-over) may lack the last transactions: claims of texts that went out, opt-outs. So its system
/// identifier and timeline are compared with those stored in the ledger; on a difference sending and START hold until the ledger is recovered.
/// </summary>
public sealed class LedgerIdentity(NpgsqlDataSource postgres)
{
    public async Task<LedgerIdentityCheck> CheckAsync(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(
            """
            SELECT i.system_identifier, i.timeline, s.system_identifier, c.timeline_id
            FROM ledger_identity i, pg_control_system() s, pg_control_checkpoint() c
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            return new(false, "The ledger does not say which Postgres it was written by (ledger_identity is empty): sending holds.");
        }

        var (storedSystem, storedTimeline, system, timeline) =
            (reader.GetInt64(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetInt32(3));
        return storedSystem == system && storedTimeline == timeline
            ? new(true, $"The ledger was written by this Postgres (system {system}, timeline {timeline}).")
            : new(false, $"The ledger was written by Postgres system {storedSystem}, timeline {storedTimeline}; this is system {system}, "
                + $"timeline {timeline}. Its last transactions may be missing: sending holds until the ledger is recovered.");
    }
}
