using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Server.Local;
using SmsCrm.Storage;
using SmsCrm.Storage.Migrations;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Storage;

public sealed class MigrationTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Up_down_and_up_again_over_rows_leaves_the_same_schema()
    {
        DateTime day;
        string before, after;
        do
        {
            // Partitions are those of the days around: past midnight they are others.
            day = Day;
            var connection = await postgres.CreateEmptyDatabaseAsync();
            var migrator = Migrator(connection);
            Assert.Equal(SchemaVersion.ExpectedVersion, await migrator.MigrateUpAsync(default));
            before = await DumpAsync(connection);
            await SeedAsync(connection);

            var down = await migrator.MigrateDownAsync(0, default);
            var empty = await TablesAsync(connection);
            var up = await migrator.MigrateUpAsync(default);

            Assert.Equal(0, down);
            Assert.Equal(["VersionInfo"], empty);
            Assert.Equal(SchemaVersion.ExpectedVersion, up);
            after = await DumpAsync(connection);
        }
        while (day != Day);

        Assert.Equal(before, after);
    }

    [Fact]
    public async Task A_database_without_schema_is_told_from_one_of_the_right_version()
    {
        var migrator = Migrator(await postgres.CreateEmptyDatabaseAsync());

        var before = await migrator.CheckAsync(default);
        await migrator.MigrateUpAsync(default);
        var after = await migrator.CheckAsync(default);

        Assert.False(before.Matches);
        Assert.Contains("smscrm migrate", before.Sentence, StringComparison.Ordinal);
        Assert.True(after.Matches, after.Sentence);
    }

    [Fact]
    public async Task Two_that_migrate_at_once_take_turns()
    {
        var connection = await postgres.CreateEmptyDatabaseAsync();

        var versions = await Task.WhenAll(
            Task.Run(() => Migrator(connection).MigrateUpAsync(default)), Task.Run(() => Migrator(connection).MigrateUpAsync(default)));

        Assert.All(versions, version => Assert.Equal(SchemaVersion.ExpectedVersion, version));
    }

    [Fact]
    public async Task Clicks_from_before_they_were_in_the_feed_are_not_told_and_those_from_then_on_are()
    {
        var connection = await postgres.CreateEmptyDatabaseAsync();
        await Migrator(connection).MigrateUpAsync(default);
        await Migrator(connection).MigrateDownAsync(3, default);
        await using var source = NpgsqlDataSource.Create(connection);
        var position = await new EventFeed(source).EndAsync(default);
        await HitAsync(source, "before");

        await Migrator(connection).MigrateUpAsync(default);
        await HitAsync(source, "after");

        var feed = new ClickFeed(source);
        await Eventually.PassesAsync(async () =>
        {
            var read = Assert.IsType<FeedRead.Batch>(await feed.ReadAfterAsync(position, 10, default));
            Assert.Equal(["after"], read.Items.Cast<ClickEvent>().Select(click => click.Placeholder));
        });
    }

    [Theory]
    [InlineData("", "10:00 5 2 1, 10:15 1 1 1", "-infinity")]
    [InlineData("DELETE FROM link_hits WHERE at < '2026-11-01T10:15Z'", "10:00 5 2 0, 10:15 1 1 1", "2026-11-01 10:30:00+00")]
    [InlineData("DELETE FROM link_hits", "10:00 5 2 0, 10:15 1 1 0", "2026-11-01 10:30:00+00")]
    public async Task What_was_clicked_before_unique_clicks_were_counted_is_counted_of_the_hits_that_are_left(string removed, string counts, string floor)
    {
        var connection = await postgres.CreateEmptyDatabaseAsync();
        var migrator = Migrator(connection);
        await migrator.MigrateUpAsync(default);
        await migrator.MigrateDownAsync(3, default);
        await using var source = NpgsqlDataSource.Create(connection);
        await using (var seed = source.CreateCommand(
            $"""
            INSERT INTO link_hits (id, message_id, tenant_id, campaign_id, placeholder, at, flags)
              SELECT uuid7_floor(at), message, '018f0000-0000-7000-8000-000000000001', 'spring', 'offer', at, flags FROM (VALUES
                ('2026-11-01T10:01Z'::timestamptz, '018f0000-0000-7000-8000-00000000000a'::uuid, 2), ('2026-11-01T10:02Z', '018f0000-0000-7000-8000-00000000000a', 0),
                ('2026-11-01T10:03Z', '018f0000-0000-7000-8000-00000000000a', 0), ('2026-11-01T10:15Z', '018f0000-0000-7000-8000-00000000000b', 0)) hits (at, message, flags);
            INSERT INTO link_counts (tenant_id, campaign_id, quarter, raw, human) VALUES
              ('018f0000-0000-7000-8000-000000000001', 'spring', '2026-11-01T10:00Z', 5, 2), ('018f0000-0000-7000-8000-000000000001', 'spring', '2026-11-01T10:15Z', 1, 1);
            {removed}
            """))
        {
            await seed.ExecuteNonQueryAsync();
        }

        await migrator.MigrateUpAsync(default);

        await using var told = source.CreateCommand(
            """
            SET timezone = 'UTC';
            SELECT string_agg(to_char(quarter, 'HH24:MI') || ' ' || raw || ' ' || human || ' ' || clickers, ', ' ORDER BY quarter) || '; ' || (SELECT kept_since FROM link_hit_floor)
            FROM link_counts
            """);
        Assert.Equal($"{counts}; {floor}", await told.ExecuteScalarAsync());
    }

    private static DateTime Day => TimeProvider.System.GetUtcNow().UtcDateTime.Date;

    private static async Task HitAsync(NpgsqlDataSource source, string placeholder)
    {
        await using var insert = source.CreateCommand(
            $"""
            INSERT INTO link_hits (id, message_id, tenant_id, campaign_id, placeholder, at, flags)
            VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '', '{placeholder}', now(), 0)
            """);
        await insert.ExecuteNonQueryAsync();
    }

    private static SchemaMigrator Migrator(string connection) => new(Options.Create(new StorageOptions { Postgres = connection }));

    private static async Task SeedAsync(string connection)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(
            """
            INSERT INTO tenants (id, name) VALUES ('018f0000-0000-7000-8000-000000000001', 'Seeded');
            INSERT INTO messages (id, tenant_id, recipient, state, version, purpose, segments, updated_at, accepted_on)
              VALUES (uuid7_floor(now()), '018f0000-0000-7000-8000-000000000001', 14155550123, 1, 1, 1, 1, now(), now());
            INSERT INTO message_events (message_id, version, kind, attempt, tenant_id)
              VALUES (uuid7_floor(now()), 1, 1, 0, '018f0000-0000-7000-8000-000000000001');
            INSERT INTO claims (batch, worker, message_ids) VALUES (uuid7_floor(now()), uuid7_floor(now()), ARRAY[uuid7_floor(now())]);
            """);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string>> TablesAsync(string connection)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
        var tables = new List<string>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            tables.Add(reader.GetString(0));
        }

        return tables;
    }

    private static async Task<string> DumpAsync(string connection)
    {
        var parts = new NpgsqlConnectionStringBuilder(connection);
        var result = await PostgresPrograms.Find().RunAsync(
            "pg_dump",
            ["--schema-only", "-h", parts.Host!, "-p", $"{parts.Port}", "-U", parts.Username!, parts.Database!],
            TimeSpan.FromMinutes(1),
            default);
        Assert.True(result.Succeeded, result.Output);

        // Newer versions wrap their output in \restrict with a random key.
        return string.Join('\n', result.Output.Split('\n').Where(line => !line.Contains("restrict ", StringComparison.Ordinal)));
    }
}
