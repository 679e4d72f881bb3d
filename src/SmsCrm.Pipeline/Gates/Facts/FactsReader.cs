using Npgsql;
using NpgsqlTypes;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates.Facts;

/// <summary>
/// Reads what the gates need for a batch in one round trip: the messages' own rows, their recipients, cancellations in force, what went out
/// lately and budgets where a gate needs them, the database's clock and the version of the settings. Throws Npgsql's exceptions where Postgres does
/// not answer.
/// </summary>
internal sealed class FactsReader(NpgsqlDataSource database, TimeProvider clock, GatesOptions options, GatesMetrics metrics)
{
    /// <param name="budgets">Those of the batch's tenants and campaigns; usually none.</param>
    public async Task<BatchFacts> ReadAsync(IReadOnlyList<FactsKey> keys, IReadOnlyCollection<Guid> budgets, CancellationToken cancellation)
    {
        var startedAt = clock.GetTimestamp();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(options.FactsTimeoutMs);
        await using var connection = await database.OpenConnectionAsync(deadline.Token).ConfigureAwait(false);
        var recent = keys.Where(key => key.NeedsRecent).Select(key => (key.Tenant, key.Recipient)).Distinct().ToArray();
        await using var batch = Batch(connection, keys, recent, budgets);
        await using var reader = await batch.ExecuteReaderAsync(deadline.Token).ConfigureAwait(false);

        await reader.ReadAsync(deadline.Token).ConfigureAwait(false);
        var facts = new BatchFacts
        {
            StartedAt = startedAt,
            Now = new DateTimeOffset(reader.GetDateTime(0), TimeSpan.Zero),
            SettingsVersion = reader.GetInt64(1),
            Floor = new MessageId(reader.GetGuid(2)),
        };
        await NextAsync(reader, row => ReadRow(row, facts), deadline.Token).ConfigureAwait(false);
        await NextAsync(reader, row => ReadRecipient(row, facts), deadline.Token).ConfigureAwait(false);
        await NextAsync(
            reader, row => facts.PlatformSuppressions[new PhoneNumber(row.GetInt64(0))] = new SuppressionFacts(Time(row, 1), Time(row, 2)), deadline.Token)
            .ConfigureAwait(false);
        await NextAsync(reader, row => ReadCancellation(row, facts), deadline.Token).ConfigureAwait(false);
        if (recent.Length > 0)
        {
            await NextAsync(reader, row => ReadRecent(row, facts), deadline.Token).ConfigureAwait(false);
        }

        if (budgets.Count > 0)
        {
            await NextAsync(
                reader, row => facts.Budgets[row.GetGuid(0)] = (row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)), deadline.Token).ConfigureAwait(false);
        }

        metrics.FactsRead(clock.GetElapsedTime(startedAt));
        return facts;
    }

    private static async Task NextAsync(NpgsqlDataReader reader, Action<NpgsqlDataReader> read, CancellationToken cancellation)
    {
        await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            read(reader);
        }
    }

    private static void ReadRow(NpgsqlDataReader row, BatchFacts facts) => facts.Rows[new MessageId(row.GetGuid(0))] = new RowFacts(
        (MessageState)row.GetInt16(1), row.GetInt32(2), row.GetInt16(3), (Reason)row.GetInt16(4), row.GetInt32(5), row.GetBoolean(6));

    private static void ReadRecipient(NpgsqlDataReader row, BatchFacts facts) =>
        facts.Recipients[(new TenantId(row.GetGuid(0)), new PhoneNumber(row.GetInt64(1)))] = new RecipientFacts(
            new SuppressionFacts(Time(row, 2), Time(row, 3)),
            new ConsentFacts((ConsentState)row.GetInt16(4), Time(row, 5), Text(row, 6)),
            new ConsentFacts((ConsentState)row.GetInt16(7), Time(row, 8), Text(row, 9)),
            Text(row, 10),
            Text(row, 11));

    private static void ReadCancellation(NpgsqlDataReader row, BatchFacts facts) => facts.Cancellations.Add(new CancellationFacts(
        new TenantId(row.GetGuid(0)),
        row.GetString(1),
        row.GetInt64(2) is var number && number == 0 ? null : new PhoneNumber(number),
        new DateTimeOffset(row.GetDateTime(3), TimeSpan.Zero)));

    private static void ReadRecent(NpgsqlDataReader row, BatchFacts facts)
    {
        var (tenant, number, text) = RecentTextsSql.ReadRow(row);
        if (!facts.Recent.TryGetValue((tenant, number), out var texts))
        {
            facts.Recent.Add((tenant, number), texts = []);
        }

        texts.Add(text);
    }

    private static NpgsqlBatch Batch(
        NpgsqlConnection connection, IReadOnlyList<FactsKey> keys, (TenantId Tenant, PhoneNumber Number)[] recent, IReadOnlyCollection<Guid> budgets)
    {
        var ids = keys.Select(key => key.Id.Value).ToArray();
        Array.Sort(ids);
        var tenants = Uuids(keys.Select(key => key.Tenant.Value));
        var numbers = Bigints(keys.Select(key => key.Recipient.Digits));
        var campaigns = keys.Select(key => (key.Tenant, key.CampaignId)).Distinct().ToArray();
        var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(FactsSql.Clock),
                Command(FactsSql.Rows, Uuids(ids), new NpgsqlParameter<Guid> { TypedValue = ids[0] }, new NpgsqlParameter<Guid> { TypedValue = ids[^1] }),
                Command(FactsSql.Recipients, tenants, numbers),
                Command(FactsSql.PlatformSuppressions, Bigints(keys.Select(key => key.Recipient.Digits))),
                Command(
                    FactsSql.Cancellations,
                    Uuids(campaigns.Select(campaign => campaign.Tenant.Value)),
                    new NpgsqlParameter<string[]> { TypedValue = [.. campaigns.Select(campaign => campaign.CampaignId)] },
                    Uuids(keys.Select(key => key.Tenant.Value)),
                    Bigints(keys.Select(key => key.Recipient.Digits))),
            },
        };
        if (recent.Length > 0)
        {
            batch.BatchCommands.Add(Command(
                RecentTextsSql.Read, Uuids(recent.Select(of => of.Tenant.Value)), Bigints(recent.Select(of => of.Number.Digits))));
        }

        if (budgets.Count > 0)
        {
            batch.BatchCommands.Add(Command(FactsSql.Budgets, Uuids(budgets)));
        }

        return batch;
    }

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private static NpgsqlParameter Uuids(IEnumerable<Guid> ids) =>
        new NpgsqlParameter<Guid[]> { TypedValue = [.. ids], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid };

    private static NpgsqlParameter Bigints(IEnumerable<long> numbers) =>
        new NpgsqlParameter<long[]> { TypedValue = [.. numbers], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : new DateTimeOffset(reader.GetDateTime(column), TimeSpan.Zero);
}
