using Dapper;
using Npgsql;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Reporting.Messages;

/// <summary>How often a message's short links were followed, and by whom as far as that is known.</summary>
internal static class MessageClicks
{
    private const int Most = 100;
    private const int TimeoutSeconds = 5;

    private const string Sql =
        "SELECT at, placeholder AS link, flags FROM link_hits WHERE message_id = @id AND tenant_id = @tenant ORDER BY id LIMIT @limit";

    public static async Task<IReadOnlyList<ClickView>> ReadAsync(NpgsqlConnection connection, TenantId tenant, MessageId id, CancellationToken cancellation)
    {
        var hits = await connection.QueryAsync<Row>(new CommandDefinition(
            Sql, new { id = id.Value, tenant = tenant.Value, limit = Most }, commandTimeout: TimeoutSeconds, cancellationToken: cancellation));
        return [.. hits.Select(static hit => new ClickView(new DateTimeOffset(hit.At), hit.Link, hit.Flags == 0, ((HitFlags)hit.Flags).Words()))];
    }

    private sealed class Row
    {
        public DateTime At { get; init; }

        public string Link { get; init; } = "";

        public short Flags { get; init; }
    }
}
