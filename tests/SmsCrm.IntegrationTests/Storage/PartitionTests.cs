using SmsCrm.Storage.Partitions;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Storage;

public sealed class PartitionTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>
{
    private static readonly DateOnly OldDay = new(2024, 3, 1);

    private PartitionUpkeep Upkeep => new(database.DataSource);

    private PartitionRemoval Removal => new(database.DataSource);

    [Fact]
    public async Task Partitions_stand_two_weeks_ahead_and_making_them_again_makes_none()
    {
        await Upkeep.MakeAheadAsync(default);

        var again = await Upkeep.MakeAheadAsync(default);
        var ahead = await Upkeep.ReadAheadAsync(default);

        Assert.Equal(0, again);
        Assert.InRange(ahead.Days, 13, 14);
        Assert.InRange(ahead.ClaimHours, 47, 72);
        Assert.True(ahead.Enough);
    }

    [Fact]
    public async Task A_day_is_dropped_only_when_no_row_of_it_is_open_or_holds_money_and_the_floor_rises_first()
    {
        await ExecuteAsync("SELECT make_partitions('2024-03-01', '2024-03-02')");
        await InsertAsync(state: 2, held: 0);
        var open = await Removal.DropDayAsync(OldDay, default);
        await ExecuteAsync("UPDATE messages SET state = 8, held_micros = 5 WHERE id < uuid7_floor('2024-03-02')");
        var held = await Removal.DropDayAsync(OldDay, default);
        await ExecuteAsync("UPDATE messages SET held_micros = 0 WHERE id < uuid7_floor('2024-03-02')");
        var second = await Removal.DropDayAsync(OldDay.AddDays(1), default);

        var dropped = await Removal.DropDayAsync(OldDay, default);
        var again = await Removal.DropDayAsync(OldDay, default);

        Assert.Equal(
            [DropOutcome.HasOpenRows, DropOutcome.HoldsMoney, DropOutcome.EarlierDayStands, DropOutcome.Dropped, DropOutcome.NotThere],
            [open, held, second, dropped, again]);
        Assert.True((bool)(await ScalarAsync("SELECT floor = uuid7_floor('2024-03-02T00:00Z') AND feed_floor > '0'::xid8 FROM ledger_floor"))!);
        Assert.True((bool)(await ScalarAsync("SELECT to_regclass('message_events_20240301') IS NULL"))!);
        Assert.True((bool)(await ScalarAsync("SELECT to_regclass('message_events_20240302') IS NOT NULL"))!);
        Assert.Equal(DropOutcome.Dropped, await Removal.DropDayAsync(OldDay.AddDays(1), default));
    }

    [Fact]
    public async Task Hours_of_claims_are_dropped_once_every_visit_has_passed_them()
    {
        await ExecuteAsync("SELECT make_partitions('2024-04-01', '2024-04-01')");
        await ExecuteAsync("UPDATE reconciler_marks SET at = '2024-04-01T10:30Z' WHERE visit <> 'unheard'");
        await Removal.DropVisitedClaimsAsync(default);
        var withoutOne = await HoursLeftAsync();
        await ExecuteAsync("UPDATE reconciler_marks SET at = '2024-04-01T04:30Z' WHERE visit = 'unheard'");

        // A call drops a bounded number of hours, and other tests' days may be older.
        while (await Removal.DropVisitedClaimsAsync(default) > 0)
        {
        }

        Assert.Equal((24L, 21L), (withoutOne, await HoursLeftAsync()));
        Assert.True((bool)(await ScalarAsync("SELECT to_regclass('claims_2024040102') IS NULL AND to_regclass('claims_2024040103') IS NOT NULL"))!);
    }

    private async Task<long> HoursLeftAsync() =>
        (long)(await ScalarAsync("SELECT count(*) FROM pg_class WHERE relname ~ '^claims_20240401[0-9]{2}$'"))!;

    private Task InsertAsync(int state, int held) => ExecuteAsync(
        $"""
        INSERT INTO messages (id, tenant_id, recipient, state, version, purpose, segments, updated_at, held_micros, accepted_on)
          VALUES (uuid7_floor('2024-03-01T12:00Z'), uuid7_floor(now()), 14155550123, {state}, 1, 1, 1, now(), {held}, '2024-03-01');
        INSERT INTO message_events (message_id, version, kind, attempt, tenant_id, at)
          VALUES (uuid7_floor('2024-03-01T12:00Z'), 1, 1, 0, uuid7_floor(now()), '2024-03-01T12:00Z');
        """);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
