using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Local;

public sealed class DatabaseFixtureTests(DatabaseFixture database, PostgresFixture postgres) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task Each_class_has_a_migrated_database_of_its_own_on_one_server()
    {
        var other = await postgres.CreateMigratedDatabaseAsync();
        await using var command = database.DataSource.CreateCommand("SELECT current_database()");

        var name = (string?)await command.ExecuteScalarAsync();
        command.CommandText = "SELECT count(*) FROM messages";
        var messages = await command.ExecuteScalarAsync();

        Assert.Contains("Database=" + name, database.ConnectionString, StringComparison.Ordinal);
        Assert.NotEqual(other, database.ConnectionString);
        Assert.Equal(0L, messages);
    }
}
