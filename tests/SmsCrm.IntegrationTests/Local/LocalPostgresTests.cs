using Npgsql;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Local;

public sealed class LocalPostgresTests
{
    [Fact]
    public async Task What_was_committed_is_there_after_a_kill_and_a_restart()
    {
        await using var server = await StartAsync();
        await ExecuteAsync(server, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (42)");

        await server.KillAsync();
        Assert.Equal(0, server.ProcessId);
        await server.StartAgainAsync();

        Assert.Equal(42, await ExecuteAsync(server, "SELECT id FROM kept"));
    }

    [Fact]
    public async Task A_server_that_a_killed_run_left_behind_is_ended_by_the_next_start()
    {
        var folder = await RunFolder.NewAsync("postgres");
        var left = await LocalPostgres.StartAsync(new LocalPostgresOptions(folder, PrivatePorts.Next()));
        var leftPid = left.ProcessId;

        await using var server = await LocalPostgres.StartAsync(new LocalPostgresOptions(folder, PrivatePorts.Next()));

        Assert.NotEqual(leftPid, server.ProcessId);
        Assert.Null(ProcessTable.CommandLine(leftPid));
        Assert.Equal(1, await ExecuteAsync(server, "SELECT 1"));
    }

    [Fact]
    public async Task A_commit_waits_for_the_disk()
    {
        await using var server = await StartAsync();

        Assert.Equal("on", await ExecuteAsync(server, "SHOW fsync"));
        Assert.Equal("on", await ExecuteAsync(server, "SHOW synchronous_commit"));
    }

    private static async Task<LocalPostgres> StartAsync() =>
        await LocalPostgres.StartAsync(new LocalPostgresOptions(await RunFolder.NewAsync("postgres"), PrivatePorts.Next()));

    private static async Task<object?> ExecuteAsync(LocalPostgres server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
