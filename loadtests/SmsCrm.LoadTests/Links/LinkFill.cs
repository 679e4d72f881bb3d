using Npgsql;
using SmsCrm.LoadTests.Scenarios;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.LoadTests.Links;

/// <summary>
/// Makes links by the thousand as ingest leaves them: a row of a message that there is, and an entry in Redis by the product's own hand. A campaign
/// of its own for each set, so that its clicks are told apart.
/// </summary>
internal sealed class LinkFill(NpgsqlDataSource database, ILinkShelf shelf, TenantId tenant, TimeProvider clock)
{
    private const int AtOnce = 500;
    private const int MostMessages = 20_000;

    private const string InsertSql = """
        INSERT INTO links (code, message_id, tenant_id, campaign_id, placeholder, url, expires_at)
        SELECT code, message, $3, $4, $5, url, $6 FROM unnest($1, $2, $7) AS l (code, message, url)
        """;

    /// <param name="onShelf">In Redis too; else as after Redis has lost them.</param>
    /// <returns>The codes.</returns>
    public async Task<IReadOnlyList<string>> MakeAsync(string campaign, int count, bool onShelf, CancellationToken cancellation)
    {
        var messages = await MessagesAsync(cancellation);
        var expires = clock.GetUtcNow().AddDays(90);
        var links = Enumerable.Range(0, count).Select(i => new ShortLink(
            LinkCode.Draw(), messages[i % messages.Count], tenant, campaign, TextFactory.Placeholder, TextFactory.TargetOf(i), expires)).ToList();
        foreach (var batch in links.Chunk(AtOnce))
        {
            await InsertAsync(batch, cancellation);
            while (onShelf && await shelf.KeepAsync(batch, cancellation) == ShelfAnswer.Away)
            {
                // A part may be there by now: writing it again changes nothing.
                await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellation);
            }
        }

        return [.. links.Select(static link => link.Code)];
    }

    /// <summary>Of the texts that were sent with a link.</summary>
    private async Task<IReadOnlyList<MessageId>> MessagesAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("SELECT id FROM messages WHERE tenant_id = $1 ORDER BY id LIMIT $2");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MostMessages });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var messages = new List<MessageId>();
        while (await reader.ReadAsync(cancellation))
        {
            messages.Add(new MessageId(reader.GetGuid(0)));
        }

        return messages;
    }

    private async Task InsertAsync(IReadOnlyList<ShortLink> links, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(InsertSql);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. links.Select(static link => link.Code)] });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. links.Select(static link => link.Message.Value)] });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = links[0].CampaignId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = links[0].Placeholder });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = links[0].ExpiresAt.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. links.Select(static link => link.Url)] });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
