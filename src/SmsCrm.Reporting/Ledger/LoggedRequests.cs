using Npgsql;
using NpgsqlTypes;
using SmsCrm.Contracts;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Streams.Reading;
using SmsCrm.Streams.Topics;

namespace SmsCrm.Reporting.Ledger;

/// <summary>
/// What Kafka holds of the requests against the rows: each request has a row that is its own, and each row's request, where the log still
/// reaches back so far, is there. The log goes through a temporary table, so that memory stays the same however long it is.
/// </summary>
internal sealed class LoggedRequests(TopicReader reader, bool isDurable)
{
    private const string Table = """
        CREATE TEMP TABLE logged_requests (
          id uuid NOT NULL, tenant_id uuid, recipient bigint, campaign_id text, segments smallint, place text NOT NULL)
        """;

    private const string Copy = "COPY logged_requests (id, tenant_id, recipient, campaign_id, segments, place) FROM STDIN (FORMAT binary)";

    private const string WithoutRow = """
        SELECT 'kafka' AS "Check", r.id::text AS "Subject", 'its request stands at ' || min(r.place) || ', and it has no row' AS "Detail"
        FROM logged_requests r
        WHERE r.id < uuid7_floor(@logSettled) AND r.id >= (SELECT floor FROM ledger_floor) AND NOT EXISTS (SELECT FROM messages m WHERE m.id = r.id)
        GROUP BY r.id
        """;

    private const string AnotherRow = """
        SELECT 'kafka' AS "Check", m.id::text AS "Subject",
          'the request at ' || min(r.place) || ' and the row differ in tenant, recipient, campaign or segments' AS "Detail"
        FROM logged_requests r JOIN messages m ON m.id = r.id
        WHERE m.request IS NOT NULL AND r.segments IS NOT NULL
          AND (r.tenant_id, r.recipient, r.campaign_id, r.segments) IS DISTINCT FROM (m.tenant_id, m.recipient, m.campaign_id, m.segments)
        GROUP BY m.id
        """;

    /// <summary>A row that was made without its request (a cancellation that came first, a receipt) is not expected there.</summary>
    private const string NotLogged = $"""
        SELECT 'kafka' AS "Check", m.id::text AS "Subject", 'accepted, and its request is not in the log' AS "Detail"
        FROM messages m
        WHERE {LedgerChecks.Bounds} AND m.request IS NOT NULL AND m.id < uuid7_floor(@logSettled)
          AND m.id >= CASE m.purpose WHEN 1 THEN @transactionalFrom::uuid WHEN 2 THEN @marketingFrom::uuid END
          AND NOT EXISTS (SELECT FROM logged_requests r WHERE r.id = m.id)
        """;

    /// <summary>Records near a log's beginning may have been appended a little out of order.</summary>
    private static readonly TimeSpan Disorder = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(string Topic, int Partition), MessageId> _first = [];
    private IReadOnlyList<ReadPartition> _partitions = [];
    private DateTime _settled;
    private long _records;

    /// <summary>Before the snapshot: what the log holds then has a row in it.</summary>
    /// <returns>Null, or why the log could not be read.</returns>
    public async Task<string?> ReadAsync(NpgsqlConnection connection, LedgerScope scope, DateTime settled, CancellationToken cancellation)
    {
        _settled = settled;
        await using (var create = new NpgsqlCommand(Table, connection))
        {
            await create.ExecuteNonQueryAsync(cancellation);
        }

        try
        {
            _partitions = await reader.ReadAsync(
                [Topics.TransactionalRequests, Topics.MarketingRequests], (batch, token) => CopyAsync(connection, scope, batch, token), cancellation);
        }
        catch (KafkaUnreachableException away)
        {
            return away.Message;
        }

        await using var analyze = new NpgsqlCommand("CREATE INDEX ON logged_requests (id); ANALYZE logged_requests", connection);
        await analyze.ExecuteNonQueryAsync(cancellation);
        return null;
    }

    public async Task<LedgerSource> CheckAsync(LedgerSnapshot snapshot, CancellationToken cancellation)
    {
        var bounds = new
        {
            logSettled = _settled,
            transactionalFrom = Horizon(Topics.TransactionalRequests),
            marketingFrom = Horizon(Topics.MarketingRequests),
        };
        await snapshot.CheckAsync(WithoutRow, cancellation, bounds);
        await snapshot.CheckAsync(AnotherRow, cancellation, bounds);
        if (isDurable)
        {
            await snapshot.CheckAsync(NotLogged, cancellation, bounds);
        }

        return new LedgerSource("kafka", true, _records, isDurable
            ? "every request has its row, and every row its request as far back as the log reaches"
            : "every request has its row; not the other way round, since this broker forgets (SmsCrm:Kafka:Durable is false)");
    }

    private async Task CopyAsync(NpgsqlConnection connection, LedgerScope scope, IReadOnlyList<LoggedRecord> batch, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(Copy, cancellation);
        foreach (var record in batch)
        {
            _records++;
            if (!record.TryGetHeader(RecordHeaders.MessageId, out var bytes) || !MessageId.TryRead(bytes.Span, out var id))
            {
                continue;
            }

            _first.TryAdd((record.Topic, record.Partition), id);
            TenantId? tenant = record.TryGetHeader(RecordHeaders.Tenant, out var holder) && TenantId.TryRead(holder.Span, out var named) ? named : null;
            if (id.AcceptedAt < scope.Start || id.AcceptedAt >= scope.End || (scope.Tenant is { } wanted && tenant?.Value != wanted))
            {
                continue;
            }

            var request = KeptRequest.Read(record.Value.Span);
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(id.Value, NpgsqlDbType.Uuid, cancellation);
            await WriteAsync(copy, tenant?.Value, NpgsqlDbType.Uuid, cancellation);
            await WriteAsync(copy, (long?)request?.Recipient, NpgsqlDbType.Bigint, cancellation);
            await (request is null ? copy.WriteNullAsync(cancellation) : copy.WriteAsync(request.CampaignId, NpgsqlDbType.Text, cancellation));
            await WriteAsync(copy, (short?)request?.Segments, NpgsqlDbType.Smallint, cancellation);
            await copy.WriteAsync(FormattableString.Invariant($"{record.Topic}[{record.Partition}]@{record.Offset}"), NpgsqlDbType.Text, cancellation);
        }

        await copy.CompleteAsync(cancellation);
    }

    private static Task WriteAsync<T>(NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type, CancellationToken cancellation)
        where T : struct => value is { } given ? copy.WriteAsync(given, type, cancellation) : copy.WriteNullAsync(cancellation);

    /// <summary>
    /// From which id on a topic surely still has every request; null where that can't be told. Partitions that have dropped records say how far
    /// back they reach; of the others the earliest record says since when this log is there at all.
    /// </summary>
    private Guid? Horizon(string topic)
    {
        MessageId? begins = null;
        MessageId? dropped = null;
        foreach (var partition in _partitions.Where(partition => partition.Topic == topic))
        {
            if (!_first.TryGetValue((topic, partition.Partition), out var first))
            {
                if (partition.First > 0)
                {
                    return null;
                }

                continue;
            }

            if (partition.First > 0)
            {
                dropped = dropped is { } latest && latest.CompareTo(first) > 0 ? latest : first;
            }
            else
            {
                begins = begins is { } earliest && earliest.CompareTo(first) < 0 ? earliest : first;
            }
        }

        return dropped is { } surely ? Guid.CreateVersion7(surely.AcceptedAt + Disorder) : begins?.Value;
    }
}
