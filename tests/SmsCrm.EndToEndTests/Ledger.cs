using System.Globalization;
using Npgsql;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.EndToEndTests;

/// <summary>How the messages ended.</summary>
/// <param name="Repeats">
/// Ids of their own that repeats of a key got while nobody could say that it was known: rejected as duplicates of the first, never a text.
/// </param>
internal sealed record Endings(IReadOnlyDictionary<MessageState, int> ByState, int Repeats)
{
    public int this[MessageState state] => ByState.GetValueOrDefault(state);

    public override string ToString() => $"{string.Join(", ", ByState.Select(e => $"{e.Key.Code()} {e.Value}"))}, repeats {Repeats}";
}

/// <summary>What the ledger says, read past the product: whether every accepted message came to an end, and to which.</summary>
internal sealed class Ledger(LocalSystem system) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _postgres = NpgsqlDataSource.Create(system.PostgresConnectionString);

    /// <summary>Waits until all has ended: every accepted id has its row, and every text (by its reference) ended once.</summary>
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
        var texts = rows.Where(row => row is not { State: MessageState.Rejected, Reason: Reason.DuplicateOfFirst }).ToList();
        Assert.Equal(accepted.Keys.Order(), texts.Select(row => row.Reference).Order());
        return new Endings(texts.GroupBy(row => row.State).ToDictionary(group => group.Key, group => group.Count()), rows.Count - texts.Count);
    }

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    private async Task<List<Row>> ReadAsync()
    {
        var rows = new List<Row>();
        await using var command = _postgres.CreateCommand("SELECT id, client_reference, state, reason FROM messages");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(new Row(
                reader.GetGuid(0),
                int.Parse(reader.GetString(1), CultureInfo.InvariantCulture),
                (MessageState)reader.GetInt16(2),
                (Reason)reader.GetInt16(3)));
        }

        return rows;
    }

    private sealed record Row(Guid Id, int Reference, MessageState State, Reason Reason);
}
