using System.Globalization;
using System.Runtime.CompilerServices;
using Dapper;
using Npgsql;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Messages;

namespace SmsCrm.Reporting.Exports;

/// <summary>Which of a tenant's messages are exported: accepted from one moment to before another, oldest first.</summary>
/// <param name="CampaignId">Null: all.</param>
/// <param name="State">Null: any.</param>
public sealed record MessageExportFilter(TenantId Tenant, DateTimeOffset From, DateTimeOffset To, string? CampaignId, MessageState? State);

/// <summary>
/// Messages as fields, page by page by (tenant, id): each page is a short statement, so that an export of any length holds neither memory nor a
/// snapshot. What changes meanwhile is told as it stood when its page was read.
/// </summary>
public sealed class MessageExport(NpgsqlDataSource database)
{
    private const int Page = 5_000;
    private const int TimeoutSeconds = 30;

    private const string Sql = $"""
        SELECT {MessageRow.Columns}, m.country, CASE WHEN m.state IN (5, 6, 7, 8, 9, 13) THEN m.held_micros ELSE 0 END AS Micros
        FROM messages m
        WHERE m.tenant_id = @tenant AND m.id > @after AND m.id < uuid7_floor(@to)
        ORDER BY m.id LIMIT @page
        """;

    public static IReadOnlyList<string> Header { get; } =
    [
        "id", "accepted_at", "to", "country", "from", "purpose", "campaign_id", "client_reference", "state", "reason", "provider_code", "provider_sid",
        "attempt", "segments", "cost", "updated_at",
    ];

    /// <summary>The header, then a line for each message.</summary>
    public async IAsyncEnumerable<IReadOnlyList<string>> ReadAsync(MessageExportFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return Header;
        var after = Before(filter.From);
        while (true)
        {
            var rows = await PageAsync(filter, after, cancellation);
            foreach (var row in rows)
            {
                if ((filter.CampaignId is null || row.CampaignId == filter.CampaignId) && (filter.State is not { } state || row.State == (short)state))
                {
                    yield return Fields(row);
                }
            }

            if (rows.Count < Page)
            {
                yield break;
            }

            after = rows[^1].Id;
        }
    }

    private async Task<List<ExportRow>> PageAsync(MessageExportFilter filter, Guid after, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<ExportRow>(new CommandDefinition(
            Sql,
            new { tenant = filter.Tenant.Value, after, to = filter.To.UtcDateTime, page = Page },
            commandTimeout: TimeoutSeconds,
            cancellationToken: cancellation))).AsList();
    }

    /// <summary>The highest id that is below every id of that millisecond.</summary>
    private static Guid Before(DateTimeOffset moment)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)moment.ToUnixTimeMilliseconds() << 16) - 1);
        bytes[8..].Fill(byte.MaxValue);
        return new Guid(bytes, bigEndian: true);
    }

    private static IReadOnlyList<string> Fields(ExportRow row)
    {
        var message = row.ToView();
        return
        [
            message.Id.ToString(), Text(message.AcceptedAt), message.To, row.Country, message.From ?? "", message.Purpose, message.CampaignId ?? "",
            message.ClientReference ?? "", message.State, message.Reason ?? "", Text(message.ProviderCode), message.ProviderSid ?? "", Text(message.Attempt),
            Text(message.Segments), (row.Micros / 1_000_000m).ToString("0.000000", CultureInfo.InvariantCulture), Text(message.UpdatedAt),
        ];
    }

    private static string Text(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private sealed class ExportRow : MessageRow
    {
        public string Country { get; init; } = "";

        public long Micros { get; init; }
    }
}
