using Google.Protobuf;
using SmsCrm.Contracts.V1;
using SmsCrm.IntegrationTests.Ledger;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Receipts;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Receipts;

/// <summary>
/// Callbacks of many messages, shuffled, three times each and delayed, applied by several workers at once while the counts are folded: final states
/// and every rollup are a recount of the events. SMSCRM_STORM_MESSAGES says how many messages (5,000), SMSCRM_TEST_SEED which storm.
/// </summary>
public sealed class CallbackStormTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private const int Copies = 3;
    private const int Workers = 3;
    private const int BatchSize = 500;

    /// <summary>What the provider says of a message, in its order, and where that leads; the share of messages with it in a hundred.</summary>
    private static readonly (string[] Words, int Code, MessageState End, int Share)[] Fates =
    [
        (["sent", "delivered"], 0, MessageState.Delivered, 70),
        (["queued", "sending", "sent", "delivered", "read"], 0, MessageState.Read, 5),
        (["sent", "undelivered"], 30003, MessageState.Undelivered, 8),
        (["sent", "undelivered", "delivered"], 30008, MessageState.Delivered, 4),
        (["failed"], 30007, MessageState.Undelivered, 5),
        (["sent"], 0, MessageState.Sent, 5),
        ([], 0, MessageState.Taken, 3),
    ];

    // A message's state as its events alone tell it: the highest of the provider's words, else the last that was decided.
    private const string RecountSql = """
        SELECT message_id, coalesce(max(kind) FILTER (WHERE kind BETWEEN 5 AND 9), (array_agg(kind ORDER BY version DESC))[1]) AS state
        FROM message_events WHERE kind < 20 GROUP BY message_id
        """;

    private readonly int _messages = TestRun.Setting("SMSCRM_STORM_MESSAGES", 5_000);
    private LedgerBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = new LedgerBench(await database.CreateAnotherAsync());

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Callbacks_shuffled_three_times_each_and_delayed_leave_every_state_and_rollup_a_recount_of_the_events()
    {
        TestRun.Say($"{_messages} messages");
        var random = new Random(TestRun.Seed());
        var texts = await ClaimAsync(random);
        var calls = texts.SelectMany(text => text.Words.SelectMany(word => Enumerable.Repeat(Record(text, word), Copies))).ToArray();
        random.Shuffle(calls);

        // A part of the answers to our own POSTs is written only while their callbacks come already.
        var answers = texts.ToArray();
        random.Shuffle(answers);
        await RunAsync([.. Chunks(answers[..(answers.Length / 2)], AnswerAsync)]);
        Func<Task>[] mixed = [.. Chunks(answers[(answers.Length / 2)..], AnswerAsync), .. Chunks(calls, ApplyAsync)];
        random.Shuffle(mixed);
        await RunAsync(mixed);
        await AssertRecountAsync(texts);
        var before = await RowsAsync();

        random.Shuffle(calls);
        await RunAsync([.. Chunks(calls, ApplyAsync)]);

        Assert.Equal(before, await RowsAsync());
        await AssertRecountAsync(texts);
    }

    private static IEnumerable<Func<Task>> Chunks<T>(T[] all, Func<T[], Task> handle) => all.Chunk(BatchSize).Select(chunk => (Func<Task>)(() => handle(chunk)));

    /// <summary>A record of sms.events as the intake appends it.</summary>
    private static byte[] Record(Text text, string word) => new EventRecord
    {
        Status = new StatusCallback
        {
            TenantId = ByteString.CopyFrom(text.Message.Tenant.ToBytes()),
            MessageId = ByteString.CopyFrom(text.Message.Id.ToBytes()),
            Attempt = 1,
            MessageSid = text.Sid.ToString(),
            Status = word,
            ErrorCode = word is "undelivered" or "failed" ? text.Code : 0,
            RawDlrDoneDate = word == "delivered" ? "2611251200" : "",
            Recipient = (ulong)text.Message.Recipient.Digits,
        },
    }.ToByteArray();

    private async Task RunAsync(IReadOnlyList<Func<Task>> work)
    {
        using var over = new CancellationTokenSource();
        var folding = FoldAsync(over.Token);
        await Parallel.ForEachAsync(work, new ParallelOptions { MaxDegreeOfParallelism = Workers }, async (one, _) => await one());
        await over.CancelAsync();
        await folding;
    }

    private async Task FoldAsync(CancellationToken over)
    {
        var folder = _bench.Get<CountFolder>();
        while (!over.IsCancellationRequested)
        {
            await folder.FoldOnceAsync(CancellationToken.None);
            await Task.Delay(50, CancellationToken.None);
        }
    }

    private Task ApplyAsync(byte[][] records) => _bench.Ledger.ApplyReceiptsAsync([.. records.Select(record => ReceiptReader.Read(record))], default);

    private Task AnswerAsync(Text[] texts) => _bench.Ledger.RecordOutcomesAsync(
        [.. texts.Select(text => new OutcomeEntry(text.Message, text.Claimed, new ClaimOutcome.Taken(text.Sid)))], default);

    private async Task<List<Text>> ClaimAsync(Random random)
    {
        var texts = new List<Text>(_messages);
        while (texts.Count < _messages)
        {
            var batch = Enumerable.Range(texts.Count, Math.Min(BatchSize, _messages - texts.Count))
                .Select(n => _bench.NewMessage(campaign: $"campaign {n % 7}", segments: (short)(1 + (n % 3))) with { Recipient = new PhoneNumber(14155550000 + n) })
                .OrderBy(message => message.Id).ToList();
            var claimed = await _bench.Ledger.ClaimAsync(
                [.. batch.Select(message => new ClaimEntry(message, RowFacts.NoRow, _bench.Account, _bench.Sender))],
                new ClaimBatch(Guid.CreateVersion7(), Guid.CreateVersion7()),
                default);
            var rows = claimed.ToDictionary(result => result.Id, result => result.Row);
            texts.AddRange(batch.Select(message =>
            {
                var draw = random.Next(Fates.Sum(fate => fate.Share));
                var drawn = Fates.First(fate => (draw -= fate.Share) < 0);
                return new Text(message, rows[message.Id], LedgerBench.NewSid(), drawn.Words, drawn.Code, drawn.End);
            }));
        }

        return texts;
    }

    private async Task AssertRecountAsync(List<Text> texts)
    {
        while (await _bench.Get<CountFolder>().FoldOnceAsync(default))
        {
        }

        var states = new Dictionary<Guid, MessageState>();
        await using (var command = _bench.Postgres.CreateCommand("SELECT id, state FROM messages"))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                states.Add(reader.GetGuid(0), (MessageState)reader.GetInt16(1));
            }
        }

        Assert.Equal(texts.Count, states.Count);
        Assert.All(texts, text => Assert.Equal(text.End, states[text.Message.Id.Value]));
        Assert.Equal(0L, await _bench.ScalarAsync<long>(
            $"SELECT count(*) FROM messages m FULL JOIN ({RecountSql}) e ON e.message_id = m.id WHERE m.state IS DISTINCT FROM e.state"));
        Assert.Equal(0L, await _bench.ScalarAsync<long>(
            $"""
            WITH recount AS (
              SELECT m.tenant_id, m.campaign_id, m.accepted_on AS day, e.state, count(*) AS messages, sum(m.segments) AS segments
              FROM ({RecountSql}) e JOIN messages m ON m.id = e.message_id GROUP BY 1, 2, 3, 4
            ), counts AS (
              SELECT tenant_id, campaign_id, day, state, sum(messages) AS messages, sum(segments) AS segments FROM message_counts GROUP BY 1, 2, 3, 4
              HAVING sum(messages) <> 0
            )
            SELECT count(*) FROM counts c FULL JOIN recount r USING (tenant_id, campaign_id, day, state)
            WHERE c.messages IS DISTINCT FROM r.messages OR c.segments IS DISTINCT FROM r.segments
            """));

        // Each word of the provider is on the timeline once, however often it came.
        var words = texts.Sum(text => text.Words.Select(word => word is "queued" or "sending" ? MessageState.Taken : Enum.Parse<MessageState>(word == "failed" ? "Undelivered" : word, true))
            .Append(MessageState.Taken).Distinct().Count());
        Assert.Equal(words, await _bench.ScalarAsync<long>("SELECT count(*) FROM message_events WHERE kind BETWEEN 5 AND 9"));
        await _bench.AssertBalancedAsync();
    }

    private Task<string?> RowsAsync() => _bench.ScalarAsync<string>(
        "SELECT (SELECT count(*) || ' ' || sum(hashtextextended(m::text, 0)) FROM messages m) || ', ' || (SELECT count(*) || ' ' || sum(hashtextextended(e::text, 0)) FROM message_events e)");

    private sealed record Text(AcceptedMessage Message, RowFacts Claimed, ProviderSid Sid, string[] Words, int Code, MessageState End);
}
