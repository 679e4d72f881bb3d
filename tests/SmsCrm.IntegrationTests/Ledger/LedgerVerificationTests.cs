using Google.Protobuf;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Ledger;
using SmsCrm.Storage;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

/// <summary>A ledger that agrees with itself, and each way in which it may not: the message is named.</summary>
public sealed class LedgerVerificationTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private LedgerBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = new LedgerBench(await database.CreateAnotherAsync());

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Messages_on_every_way_agree()
    {
        await MakeSomeAsync();

        var verdict = await VerifyAsync();

        Assert.True(verdict.Agrees, string.Join('\n', verdict.Faults));
        Assert.Equal(7L, verdict.Messages);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_happens_to_messages_agrees(int seed)
    {
        var random = new Random(seed);
        var steps = new LedgerSteps(_bench);
        for (var i = 0; i < 40; i++)
        {
            var message = _bench.NewMessage();
            _bench.Current = message;
            for (var step = 0; step < 12; step++)
            {
                await steps.Draw(random).Run(message, await _bench.RowAsync(message));
            }
        }

        var verdict = await VerifyAsync();

        Assert.True(verdict.Agrees, $"seed {seed}: {string.Join('\n', verdict.Faults)}");
    }

    [Theory]
    [InlineData("UPDATE messages SET state = 10 WHERE id = @id", "events")]
    [InlineData("DELETE FROM message_events WHERE message_id = @id", "events")]
    [InlineData("DELETE FROM message_events WHERE message_id = @id AND kind = 3", "events")]
    [InlineData("DELETE FROM message_events WHERE message_id = @id AND kind = 5", "events")]
    [InlineData("UPDATE messages SET version = version + 1 WHERE id = @id", "events")]
    [InlineData("DELETE FROM messages WHERE id = @id", "rows")]
    [InlineData("UPDATE messages SET sid = NULL WHERE id = @id", "sids")]
    [InlineData("UPDATE messages SET sid = (SELECT sid FROM messages WHERE id = @id), sid_kind = 'S' WHERE state = 8", "sids")]
    [InlineData("UPDATE messages SET segments = segments + 1 WHERE id = @id", "requests")]
    public async Task A_row_that_is_corrupted_is_named(string corruption, string check)
    {
        var taken = (await MakeSomeAsync()).Taken;

        await CorruptAsync(corruption, taken);

        Assert.Contains((await VerifyAsync()).Faults, fault => fault.Check == check && fault.Subject.Contains(taken.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("DELETE FROM message_events WHERE message_id = @id AND kind = 6")]
    [InlineData("DELETE FROM message_events WHERE message_id = @id AND kind = 1")]
    public async Task An_event_that_is_gone_is_named_also_where_it_decides_no_state(string corruption)
    {
        var message = _bench.NewMessage();
        await _bench.Ledger.EnqueueAsync([message], default);
        var claimed = await _bench.ClaimAsync(message, await _bench.RowAsync(message));
        var sid = LedgerBench.NewSid();
        await _bench.RecordAsync(message, claimed.Row, new ClaimOutcome.Taken(sid));
        await _bench.HearAsync(message, sid, "delivered");
        await _bench.HearAsync(message, sid, "sent");

        await CorruptAsync(corruption, message.Id);

        var faults = (await VerifyAsync()).Faults;
        Assert.Equal(["events", "quarters"], faults.Select(fault => fault.Check).Order());
        Assert.Equal(message.Id.ToString(), faults.Single(fault => fault.Check == "events").Subject);
    }

    [Fact]
    public async Task What_is_deferred_and_waits_nowhere_is_named()
    {
        var deferred = (await MakeSomeAsync()).Deferred;

        await CorruptAsync("DELETE FROM waiting WHERE message_id = @id", deferred);

        Assert.Contains((await VerifyAsync()).Faults, fault => fault.Check == "waiting" && fault.Subject == deferred.ToString());
    }

    [Theory]
    [InlineData("messages")]
    [InlineData("segments")]
    [InlineData("micros")]
    public async Task A_count_that_is_off_by_one_is_named(string column)
    {
        var taken = (await MakeSomeAsync()).Taken;

        await CorruptAsync($"UPDATE count_deltas SET {column} = {column} + 1 WHERE id = (SELECT max(id) FROM count_deltas) AND @id = @id", taken);

        var fault = Assert.Single((await VerifyAsync()).Faults);
        Assert.Equal("counts", fault.Check);
    }

    [Theory]
    [InlineData("sent", "senders")]
    [InlineData("segments", "senders")]
    [InlineData("micros", "senders")]
    public async Task A_count_of_a_sender_that_is_off_by_one_is_named(string column, string check)
    {
        var taken = (await MakeSomeAsync()).Taken;

        await CorruptAsync($"UPDATE sender_count_deltas SET {column} = {column} + 1 WHERE id = (SELECT max(id) FROM sender_count_deltas) AND @id = @id", taken);

        Assert.Equal(check, Assert.Single((await VerifyAsync()).Faults).Check);
    }

    [Theory]
    [InlineData(0, "rows")]
    [InlineData(1, "events")]
    public async Task A_count_of_a_quarter_hour_that_is_off_by_one_is_named(int kind, string what)
    {
        var taken = (await MakeSomeAsync()).Taken;

        await CorruptAsync(
            $"UPDATE event_count_deltas SET events = events + 1 WHERE id = (SELECT max(id) FROM event_count_deltas WHERE kind = {kind}) AND @id = @id", taken);

        var fault = Assert.Single((await VerifyAsync()).Faults);
        Assert.Equal("quarters", fault.Check);
        Assert.EndsWith(what, fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hold_that_nobody_has_is_named()
    {
        var taken = (await MakeSomeAsync()).Taken;
        var budget = Guid.CreateVersion7();
        await CorruptAsync(
            $"""
            INSERT INTO tenants (id, name) VALUES ('{_bench.Tenant.Value}', 'Acme');
            INSERT INTO budgets (id, tenant_id, limit_micros) VALUES ('{budget}', '{_bench.Tenant.Value}', 100);
            UPDATE budget_use SET held_micros = 1 WHERE @id = @id
            """,
            taken);

        var fault = Assert.Single((await VerifyAsync()).Faults);
        Assert.Equal(("holds", $"budget {budget}"), (fault.Check, fault.Subject));
    }

    [Fact]
    public async Task All_faults_are_counted_and_the_first_named()
    {
        await MakeSomeAsync();
        await MakeSomeAsync();
        await using var command = _bench.Postgres.CreateCommand("DELETE FROM waiting");
        await command.ExecuteNonQueryAsync();

        var verdict = await VerifyAsync(most: 1);

        Assert.Equal((2L, 1), (verdict.Found["waiting"], verdict.Faults.Count(fault => fault.Check == "waiting")));
    }

    /// <summary>One in each state that a test reaches by itself.</summary>
    private async Task<(MessageId Taken, MessageId Deferred)> MakeSomeAsync()
    {
        var messages = Enumerable.Range(0, 7).Select(_ => WithRequest(_bench.NewMessage())).ToArray();
        await _bench.Ledger.EnqueueAsync([messages[0]], default);
        await _bench.DeferAsync(messages[1], RowFacts.NoRow);
        await _bench.DeferAsync(messages[1], await _bench.RowAsync(messages[1]));
        await _bench.ClaimAsync(messages[2], RowFacts.NoRow);
        foreach (var (message, status) in new[] { (messages[3], ""), (messages[4], "delivered"), (messages[5], "undelivered") })
        {
            var sid = LedgerBench.NewSid();
            await _bench.RecordAsync(message, (await _bench.ClaimAsync(message, RowFacts.NoRow)).Row, new ClaimOutcome.Taken(sid));
            if (status.Length > 0)
            {
                await _bench.HearAsync(message, sid, status);
                await _bench.HearAsync(message, sid, "sent");
            }
        }

        await _bench.Ledger.CancelAsync(_bench.Tenant, [messages[6].Id], Reason.None, default);
        return (messages[3].Id, messages[1].Id);
    }

    private static AcceptedMessage WithRequest(AcceptedMessage message) => message with
    {
        Request = new Contracts.V1.RequestRecord { Segments = message.Segments, Recipient = (ulong)message.Recipient.Digits, CampaignId = message.CampaignId }.ToByteArray(),
    };

    private Task<LedgerVerdict> VerifyAsync(int most = 100)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        return new LedgerVerification(_bench.Get<PostgresConnections>()).VerifyAsync(
            new LedgerScope(null, today.AddDays(-1), today.AddDays(1)) { Most = most }, TestContext.Current.CancellationToken);
    }

    private async Task CorruptAsync(string sql, MessageId id)
    {
        await using var command = _bench.Postgres.CreateCommand(sql.Replace("@id", $"'{id.Value}'::uuid", StringComparison.Ordinal));
        Assert.NotEqual(0, await command.ExecuteNonQueryAsync());
    }
}
