using System.Globalization;
using Npgsql;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.EndToEndTests;

/// <summary>How the messages ended.</summary>
internal sealed record Endings(IReadOnlyDictionary<MessageState, int> ByState)
{
    public int this[MessageState state] => ByState.GetValueOrDefault(state);

    public override string ToString() => string.Join(", ", ByState.Select(e => $"{e.Key.Code()} {e.Value}"));
}

/// <summary>What the ledger says, read past the product: whether every accepted message came to an end, and to which.</summary>
internal sealed class Ledger(LocalSystem system) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _postgres = NpgsqlDataSource.Create(system.PostgresConnectionString);

    /// <summary>Waits until all has ended: the accepted ids and no others have a row, one for each text.</summary>
    public async Task<Endings> WaitUntilAllEndedAsync(IReadOnlyDictionary<int, string> accepted, TimeSpan deadline)
    {
        List<Row> rows = [];
        await Eventually.PassesAsync(
            async () =>
            {
                rows = await ReadAsync();
                var ids = rows.Select(row => row.Id).ToHashSet();
                Assert.Equal(0, accepted.Values.Count(id => !ids.Contains(Guid.Parse(id))));
                Assert.Empty(rows.Where(row => !row.State.IsFinal()).GroupBy(row => row.State).Select(open => $"{open.Key} {open.Count()}"));
            },
            deadline);
        Assert.Equal(accepted.OrderBy(text => text.Key).Select(text => (text.Key, Guid.Parse(text.Value))), rows.OrderBy(row => row.Reference).Select(row => (row.Reference, row.Id)));
        return new Endings(rows.GroupBy(row => row.State).ToDictionary(group => group.Key, group => group.Count()));
    }

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    private async Task<List<Row>> ReadAsync()
    {
        var rows = new List<Row>();
        await using var command = _postgres.CreateCommand("SELECT id, client_reference, state FROM messages");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(new Row(
                reader.GetGuid(0),
                int.Parse(reader.GetString(1), CultureInfo.InvariantCulture),
                (MessageState)reader.GetInt16(2)));
        }

        return rows;
    }

    private sealed record Row(Guid Id, int Reference, MessageState State);
}
