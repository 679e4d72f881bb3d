using Dapper;
using Npgsql;
using SmsCrm.Crm.Audit;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Tenants;

/// <summary>
/// What a tenant's recipients are told when they write STOP, HELP or START, beyond what the provider answers itself. Null: nothing.
/// </summary>
public sealed record InboundAnswerTexts(string? Stop = null, string? Help = null, string? Start = null);

/// <summary>The one writer of <c>inbound_answers</c>.</summary>
public sealed class InboundAnswerStore(NpgsqlDataSource database)
{
    /// <summary>The provider refuses longer texts.</summary>
    public const int MaxLength = 1_600;

    // As inbound_texts.keyword has them.
    private static readonly (short Number, string Name, Func<InboundAnswerTexts, string?> Of)[] Keywords =
    [
        (1, "stop", static texts => texts.Stop),
        (2, "help", static texts => texts.Help),
        (3, "start", static texts => texts.Start),
    ];

    private const string Show =
        "SELECT coalesce(jsonb_object_agg(keyword::text, answer), '{}')::text FROM inbound_answers WHERE tenant_id = @tenant";

    public async Task<InboundAnswerTexts> ReadAsync(TenantId tenant, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var rows = (await connection.QueryAsync<(short Keyword, string Answer)>(new CommandDefinition(
            "SELECT keyword, answer FROM inbound_answers WHERE tenant_id = @tenant", new { tenant = tenant.Value }, cancellationToken: cancellation))
            .ConfigureAwait(false)).ToDictionary(row => row.Keyword, row => row.Answer);
        return new InboundAnswerTexts(rows.GetValueOrDefault((short)1), rows.GetValueOrDefault((short)2), rows.GetValueOrDefault((short)3));
    }

    /// <summary>Replaces all three.</summary>
    /// <param name="actor">Who changes them, 1 to 200 characters.</param>
    public async Task<SettingsOutcome<InboundAnswerTexts>> WriteAsync(TenantId tenant, InboundAnswerTexts texts, string actor, CancellationToken cancellation)
    {
        var errors = Keywords.Select(keyword => (keyword.Name, Text: keyword.Of(texts)))
            .Where(static answer => answer.Text is { } text && (text.Length is 0 or > MaxLength || text.Contains('\0', StringComparison.Ordinal)))
            .Select(static answer => $"{answer.Name} has {answer.Text!.Length} characters: it must have 1 to {MaxLength}; leave it out to answer nothing.")
            .ToList();
        if (errors.Count > 0)
        {
            return new SettingsOutcome<InboundAnswerTexts>.Refused(errors);
        }

        await SettingsTransaction.RunAsync(
            database,
            async (connection, transaction) =>
            {
                var values = new
                {
                    tenant = tenant.Value,
                    keywords = Keywords.Select(static keyword => keyword.Number).ToArray(),
                    texts = Keywords.Select(keyword => keyword.Of(texts)).ToArray(),
                };
                var before = await connection.ExecuteScalarAsync<string>(new CommandDefinition(Show, values, transaction, cancellationToken: cancellation)).ConfigureAwait(false);
                await connection.ExecuteAsync(new CommandDefinition(
                    """
                    DELETE FROM inbound_answers WHERE tenant_id = @tenant;
                    INSERT INTO inbound_answers (tenant_id, keyword, answer)
                    SELECT @tenant, k, t FROM unnest(@keywords, @texts) AS given(k, t) WHERE t IS NOT NULL
                    """,
                    values,
                    transaction,
                    cancellationToken: cancellation)).ConfigureAwait(false);
                var after = await connection.ExecuteScalarAsync<string>(new CommandDefinition(Show, values, transaction, cancellationToken: cancellation)).ConfigureAwait(false);
                if (before != after)
                {
                    await ChangeLog.WriteAsync(connection, transaction, tenant, actor, "update", "inbound_answers", before, after, cancellation).ConfigureAwait(false);
                }

                return before != after;
            },
            cancellation).ConfigureAwait(false);
        return new SettingsOutcome<InboundAnswerTexts>.Done(texts);
    }
}
