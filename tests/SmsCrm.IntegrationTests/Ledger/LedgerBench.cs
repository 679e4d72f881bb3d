using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Storage;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

/// <summary>The ledger on a database of the tests, as the server wires it, with shorthands for messages and their steps.</summary>
internal sealed class LedgerBench : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly MeterListener _listener = new();
    private long _retries;

    public LedgerBench(DatabaseFixture database)
        : this(database.ConnectionString)
    {
    }

    public LedgerBench(string connectionString)
    {
        ConnectionString = connectionString;
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["SmsCrm:Storage:Postgres"] = connectionString })
            .Build();
        _services = new ServiceCollection().AddLogging().AddStorage(configuration).AddLedger().BuildServiceProvider();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "smscrm.ledger.retries" && instrument.Meter.Scope == Get<IMeterFactory>())
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, measured, _, _) => Interlocked.Add(ref _retries, measured));
        _listener.Start();
    }

    public string ConnectionString { get; }

    /// <summary>How many batches were tried again after a deadlock.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    public IMessageLedger Ledger => Get<IMessageLedger>();

    public NpgsqlDataSource Postgres => Get<NpgsqlDataSource>();

    public TenantId Tenant { get; } = new(Guid.CreateVersion7());

    public Guid Sender { get; } = Guid.CreateVersion7();

    public Guid Account { get; } = Guid.CreateVersion7();

    /// <summary>The message that a drawn step is about to happen to.</summary>
    public AcceptedMessage? Current { get; set; }

    /// <summary>How far new messages' day of acceptance, by their tenant's clock, is from the day in UTC: -1, 0 or 1.</summary>
    public int DaysAhead { get; set; }

    /// <summary>The day of acceptance in UTC, for a test that may run past midnight; null: by the message's id.</summary>
    public DateOnly? Day { get; set; }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>
    /// Outside the pool, whose sessions Postgres ends when they stand idle in a transaction for two seconds: in this one a test keeps a transaction open
    /// for as long as it needs, on a slow machine too.
    /// </summary>
    public Task<NpgsqlConnection> OpenSessionAsync() => Get<PostgresConnections>().OpenSessionAsync(TestContext.Current.CancellationToken);

    public AcceptedMessage NewMessage(string? key = null, string campaign = "spring", short segments = 2) => NewMessage(new MessageId(Guid.CreateVersion7()), key, campaign, segments);

    private AcceptedMessage NewMessage(MessageId id, string? key, string campaign, short segments) => new(
        id, Tenant, new PhoneNumber(14155550123), Purpose.Marketing, segments, campaign, "ref", key,
        Encoding.UTF8.GetBytes("hash"), Encoding.UTF8.GetBytes("request"))
    {
        Country = "US",
        AcceptedOn = (Day ?? DateOnly.FromDateTime(id.AcceptedAt.UtcDateTime)).AddDays(DaysAhead),
    };

    public static ProviderSid NewSid() => new('S', Guid.CreateVersion7());

    public async Task<EntryResult> ClaimAsync(AcceptedMessage message, RowFacts seen) =>
        (await Ledger.ClaimAsync([new ClaimEntry(message, seen, Account, Sender, new ClaimTerms(8_300L * message.Segments, null, null))], new ClaimBatch(Guid.CreateVersion7(), Guid.CreateVersion7()), default)).Single();

    public async Task<EntryResult> DeferAsync(AcceptedMessage message, RowFacts seen, Reason reason = Reason.Pacing) =>
        (await Ledger.DeferAsync([new DeferEntry(message, seen, reason, DateTimeOffset.UnixEpoch.AddYears(60), Sender, null)], default)).Single();

    public async Task<EntryResult> RecordAsync(AcceptedMessage message, RowFacts claimed, ClaimOutcome outcome) =>
        (await Ledger.RecordOutcomesAsync([new OutcomeEntry(message, claimed, outcome)], default)).Single();

    public async Task<EntryResult> HearAsync(AcceptedMessage message, ProviderSid sid, string status, int code = 0) =>
        (await Ledger.ApplyReceiptsAsync([Receipt(message, sid, status, code)], default)).Single();

    public ReceiptEntry Receipt(AcceptedMessage message, ProviderSid sid, string status, int code = 0) =>
        new(message.Id, message.Tenant, 1, sid, status, code, DateTimeOffset.UnixEpoch.AddYears(56), message.Recipient);

    public async Task<RowFacts> RowAsync(AcceptedMessage message) =>
        (await Ledger.ReadAsync([message.Id], default)).GetValueOrDefault(message.Id, RowFacts.NoRow);

    public async Task<List<(EventKind Kind, int Version, string? Detail)>> EventsAsync(AcceptedMessage message)
    {
        var events = new List<(EventKind, int, string?)>();
        await using var command = Postgres.CreateCommand("SELECT kind, version, detail FROM message_events WHERE message_id = $1 ORDER BY version");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = message.Id.Value });
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            events.Add(((EventKind)reader.GetInt16(0), reader.GetInt32(1), reader.IsDBNull(2) ? null : reader.GetString(2)));
        }

        return events;
    }

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var command = Postgres.CreateCommand(sql);
        command.CommandTimeout = 300;
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    /// <summary>Invariants 7 and 11: counts are a recount of rows and events, and what waits is what is deferred.</summary>
    public async Task AssertBalancedAsync()
    {
        Assert.Equal(0L, await ScalarAsync<long>(
            """
            WITH counted AS (
              SELECT tenant_id, campaign_id, day, state, reason, code, messages, segments, micros FROM message_counts
              UNION ALL SELECT tenant_id, campaign_id, day, state, reason, code, messages, segments, micros FROM count_deltas
            ), counts AS (
              SELECT tenant_id, campaign_id, day, state, reason, code, sum(messages) AS messages, sum(segments) AS segments, sum(micros) AS micros FROM counted
              GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(messages) <> 0 OR sum(segments) <> 0 OR sum(micros) <> 0
            ), recount AS (
              SELECT tenant_id, campaign_id, accepted_on AS day, state, reason, code, count(*) AS messages, sum(segments) AS segments,
                sum(CASE WHEN state IN (5, 6, 7, 8, 9, 13) THEN held_micros ELSE 0 END) AS micros
              FROM messages GROUP BY 1, 2, 3, 4, 5, 6
            )
            SELECT count(*) FROM counts FULL JOIN recount USING (tenant_id, campaign_id, day, state, reason, code)
            WHERE counts.messages IS DISTINCT FROM recount.messages OR counts.segments IS DISTINCT FROM recount.segments
              OR counts.micros IS DISTINCT FROM recount.micros
            """));
        Assert.Equal(0L, await ScalarAsync<long>(
            """
            WITH counted AS (
              SELECT tenant_id, day, sender_id, country, sent, delivered, undelivered, failed, uncertain, segments, micros FROM sender_counts
              UNION ALL SELECT tenant_id, day, sender_id, country, sent, delivered, undelivered, failed, uncertain, segments, micros FROM sender_count_deltas
            ), counts AS (
              SELECT tenant_id, day, sender_id, country,
                ARRAY[sum(sent), sum(delivered), sum(undelivered), sum(failed), sum(uncertain), sum(segments), sum(micros)]::bigint[] AS n
              FROM counted GROUP BY 1, 2, 3, 4
            ), recount AS (
              SELECT tenant_id, accepted_on AS day, coalesce(sender_id, '00000000-0000-0000-0000-000000000000') AS sender_id, country,
                ARRAY[count(*) FILTER (WHERE state BETWEEN 5 AND 9), count(*) FILTER (WHERE state IN (8, 9)), count(*) FILTER (WHERE state = 7),
                  count(*) FILTER (WHERE state = 10), count(*) FILTER (WHERE state = 13), coalesce(sum(segments) FILTER (WHERE state <> 10), 0),
                  coalesce(sum(held_micros) FILTER (WHERE state <> 10), 0)]::bigint[] AS n
              FROM messages WHERE state IN (5, 6, 7, 8, 9, 10, 13) GROUP BY 1, 2, 3, 4
            )
            SELECT count(*) FROM counts FULL JOIN recount USING (tenant_id, day, sender_id, country)
            WHERE coalesce(counts.n, '{0,0,0,0,0,0,0}') IS DISTINCT FROM coalesce(recount.n, '{0,0,0,0,0,0,0}')
            """));
        Assert.Equal(0L, await ScalarAsync<long>(
            """
            WITH counted AS (
              SELECT tenant_id, quarter, kind, events FROM event_counts UNION ALL SELECT tenant_id, quarter, kind, events FROM event_count_deltas
            ), counts AS (SELECT tenant_id, quarter, kind, sum(events) AS n FROM counted GROUP BY 1, 2, 3),
            recount AS (
              SELECT tenant_id, date_bin('15 minutes', at, '1970-01-01T00:00Z') AS quarter, kind, count(*) AS n FROM message_events GROUP BY 1, 2, 3
              UNION ALL SELECT tenant_id, date_bin('15 minutes', uuid7_time(id), '1970-01-01T00:00Z'), 0, count(*) FROM messages GROUP BY 1, 2
            )
            SELECT count(*) FROM counts FULL JOIN recount USING (tenant_id, quarter, kind) WHERE counts.n IS DISTINCT FROM recount.n
            """));
        Assert.Equal(0L, await ScalarAsync<long>(
            """
            SELECT count(*) FROM (SELECT id, reason FROM messages WHERE state = 2) m
            FULL JOIN waiting w ON w.message_id = m.id WHERE w.reason IS DISTINCT FROM m.reason
            """));
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        return _services.DisposeAsync();
    }
}
