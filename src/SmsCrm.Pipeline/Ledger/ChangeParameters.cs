using Npgsql;
using NpgsqlTypes;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Turns changes, sorted by id, into the statements of <see cref="LedgerSql"/>.</summary>
internal static class ChangeParameters
{
    public static NpgsqlBatchCommand TakeKeys(IReadOnlyList<RowChange> inserts)
    {
        // A key once: the statement may not touch a row twice. The lowest id of the batch has it; the others are judged against it.
        var keys = inserts.Where(change => change.Message!.IdempotencyKey is not null)
            .GroupBy(change => (change.Message!.Tenant.Value, change.Message.IdempotencyKey!))
            .OrderBy(group => group.Key.Value).ThenBy(group => group.Key.Item2, StringComparer.Ordinal)
            .Select(group => group.First().Message!)
            .ToArray();
        var command = new NpgsqlBatchCommand(LedgerSql.TakeKeys);
        Add(command, Column(keys, message => message.Tenant.Value));
        Add(command, Column(keys, message => message.IdempotencyKey!));
        Add(command, Column(keys, message => message.Id.Value));
        Add(command, Column(keys, message => message.RequestHash));
        return command;
    }

    /// <param name="sql">One of the two statements that lock.</param>
    public static NpgsqlBatchCommand LockRows(string sql, IReadOnlyList<MessageId> sortedIds)
    {
        var command = new NpgsqlBatchCommand(sql);
        Add(command, Column(sortedIds, id => id.Value));
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = sortedIds[0].Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = sortedIds[^1].Value });
        return command;
    }

    public static NpgsqlBatchCommand Insert(IReadOnlyList<RowChange> changes, bool withKeys, ClaimBatch? claim)
    {
        var command = new NpgsqlBatchCommand(withKeys ? LedgerSql.InsertWithKeys : LedgerSql.Insert);
        AddShared(command, changes, claim);
        Add(command, Column(changes, c => c.Message!.Tenant.Value));
        Add(command, Column(changes, c => c.Message!.Recipient.Digits));
        Add(command, Column(changes, c => (short)c.Message!.Purpose));
        Add(command, Column(changes, c => c.Message!.Segments));
        Add(command, Column(changes, c => c.Message!.CampaignId));
        Add(command, Column(changes, c => c.Message!.ClientReference));
        Add(command, Column(changes, c => c.Message!.IdempotencyKey));
        Add(command, Column(changes, c => c.Message!.Request is { Length: > 0 } request ? request : null));
        Add(command, Column(changes, c => c.Message!.ContentHash));
        AddTerms(command, changes, claim);
        Add(command, Column(changes, c => c.Message!.Country));
        Add(command, Column(changes, c => c.Message!.AcceptedOn));
        return command;
    }

    public static NpgsqlBatchCommand Update(IReadOnlyList<RowChange> changes, ClaimBatch? claim)
    {
        var command = new NpgsqlBatchCommand(LedgerSql.Update);
        AddShared(command, changes, claim);
        Add(command, Column(changes, c => c.Seen.Version));
        Add(command, Column(changes, c => (short)c.Seen.State));
        Add(command, Column(changes, c => (short)c.Seen.Reason));
        Add(command, Column(changes, c => c.Seen.Code));
        Add(command, Column(changes, c => c.NoReceipt));
        AddTerms(command, changes, claim);
        return command;
    }

    /// <summary>Null where no first row and no claim has a link: then nothing is added to the batch.</summary>
    public static NpgsqlBatchCommand? KeepLinks(IReadOnlyList<RowChange> sorted)
    {
        if (!sorted.Any(HasLinks))
        {
            return null;
        }

        var links = sorted.Where(HasLinks).SelectMany(change => change.Message!.Links).ToArray();
        var command = new NpgsqlBatchCommand(LedgerSql.KeepLinks);
        Add(command, Column(links, link => link.Code));
        Add(command, Column(links, link => link.Message.Value));
        Add(command, Column(links, link => link.Tenant.Value));
        Add(command, Column(links, link => link.CampaignId));
        Add(command, Column(links, link => link.Placeholder));
        Add(command, Column(links, link => link.Url));
        Add(command, Column(links, link => link.ExpiresAt.UtcDateTime));
        return command;
    }

    /// <summary>
    /// With a first row, and with every claim: a request that was appended twice under one key has drawn twice, and whichever of the two is
    /// sent, its links stand.
    /// </summary>
    private static bool HasLinks(RowChange change) =>
        change.Message is { Links.Count: > 0 } && (change.IsInsert || change.State == MessageState.Claimed);

    private static void AddTerms(NpgsqlBatchCommand command, IReadOnlyList<RowChange> changes, ClaimBatch? claim)
    {
        Add(command, Column(changes, c => c.Terms.CostMicros));
        Add(command, Column(changes, c => c.Terms.TenantBudget));
        Add(command, Column(changes, c => c.Terms.CampaignBudget));
        command.Parameters.Add(new NpgsqlParameter { Value = claim?.Settings ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
    }

    private static void AddShared(NpgsqlBatchCommand command, IReadOnlyList<RowChange> changes, ClaimBatch? claim)
    {
        Add(command, Column(changes, c => c.Id.Value));
        Add(command, Column(changes, c => (short)c.State));
        Add(command, Column(changes, c => c.Version));
        Add(command, Column(changes, c => c.Attempt));
        Add(command, Column(changes, c => (short)c.Reason));
        Add(command, Column(changes, c => c.Code));
        Add(command, Column(changes, c => c.SeenBits));
        Add(command, Column(changes, c => c.Sid?.Kind.ToString()));
        Add(command, Column(changes, c => c.Sid?.Value));
        Add(command, Column(changes, c => c.AccountId));
        Add(command, Column(changes, c => c.SenderId));
        Add(command, Column(changes, c => c.Verdict));
        Add(command, Column(changes, c => (short)(c.Events.Count == 0 ? 0 : c.Events[^1].Kind)));
        Add(command, Column(changes, c => c.Events.Count == 0 ? 0 : c.Events[^1].Code));
        Add(command, Column(changes, c => c.Events.Count == 0 ? null : c.Events[^1].ProviderAt?.UtcDateTime));
        Add(command, Column(changes, c => c.Events.Count == 0 ? null : c.Events[^1].Detail));
        Add(command, Column(changes, c => c.DueAt?.UtcDateTime));
        Add(command, Column(changes, c => c.LaneSenderId));
        AddEarlierEvents(command, changes);
        command.Parameters.Add(new NpgsqlParameter { Value = claim?.Batch ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter { Value = claim?.Worker ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
    }

    /// <summary>What a change tells besides its last event.</summary>
    private static void AddEarlierEvents(NpgsqlBatchCommand command, IReadOnlyList<RowChange> changes)
    {
        var earlier = changes.Any(change => change.Events.Count > 1)
            ? changes.SelectMany(change => change.Events.SkipLast(1).Select((told, i) => (change.Id, Version: change.Seen.Version + 1 + i, Told: told))).ToArray()
            : [];
        Add(command, Column(earlier, e => e.Id.Value));
        Add(command, Column(earlier, e => e.Version));
        Add(command, Column(earlier, e => (short)e.Told.Kind));
        Add(command, Column(earlier, e => e.Told.Code));
        Add(command, Column(earlier, e => e.Told.ProviderAt?.UtcDateTime));
        Add(command, Column(earlier, e => e.Told.Detail));
    }

    private static TValue[] Column<T, TValue>(IReadOnlyList<T> rows, Func<T, TValue> read)
    {
        var column = new TValue[rows.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = read(rows[i]);
        }

        return column;
    }

    private static void Add<T>(NpgsqlBatchCommand command, T[] column) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = column });
}
