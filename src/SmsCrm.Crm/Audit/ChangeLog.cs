using System.Data;
using Dapper;
using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Audit;

/// <summary>One change: who, when, of what, before and after.</summary>
/// <param name="Before">JSON; null where it was made. Secrets never stand here.</param>
/// <param name="After">JSON; null where it was removed.</param>
public sealed record Change(long Id, DateTimeOffset At, string Actor, string Action, string Subject, string? Before, string? After);

/// <summary>Who changed what. Written in the transaction that makes the change.</summary>
public sealed class ChangeLog(NpgsqlDataSource database)
{
    internal static Task WriteAsync(
        IDbConnection connection,
        IDbTransaction transaction,
        TenantId tenant,
        string actor,
        string action,
        string subject,
        string? before,
        string? after,
        CancellationToken cancellation) => connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO changes (tenant_id, actor, action, subject, before, after)
            VALUES (@tenant, @actor, @action, @subject, @before::jsonb, @after::jsonb)
            """,
            new { tenant = tenant == default ? (Guid?)null : tenant.Value, actor, action, subject, before, after },
            transaction,
            cancellationToken: cancellation));

    internal static Task WriteAsync(
        IDbConnection connection, IDbTransaction transaction, Note note, string? before, string? after, CancellationToken cancellation) =>
        WriteAsync(connection, transaction, note.Tenant ?? default, note.Actor, note.Action, note.Subject, before, after, cancellation);

    /// <summary>Puts a change of the whole platform on record that another room has made.</summary>
    public async Task NoteAsync(string actor, string action, string subject, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await WriteAsync(connection, transaction, new Note(null, actor, action, subject), null, null, cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>A tenant's changes, newest first; those of the whole platform for the default tenant.</summary>
    /// <param name="before">Only those with a lower id; 0: from the newest.</param>
    /// <param name="limit">1 to 200.</param>
    public async Task<IReadOnlyList<Change>> ReadAsync(TenantId tenant, long before, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var rows = await connection.QueryAsync<(long Id, DateTime At, string Actor, string Action, string Subject, string? Before, string? After)>(
            new CommandDefinition(
                """
                SELECT id, at, actor, action, subject, before::text, after::text FROM changes
                WHERE tenant_id IS NOT DISTINCT FROM @tenant AND (@before = 0 OR id < @before) ORDER BY id DESC LIMIT @limit
                """,
                new { tenant = tenant == default ? (Guid?)null : tenant.Value, before, limit },
                cancellationToken: cancellation)).ConfigureAwait(false);
        return [.. rows.Select(row => new Change(row.Id, new DateTimeOffset(row.At, TimeSpan.Zero), row.Actor, row.Action, row.Subject, row.Before, row.After))];
    }
}
