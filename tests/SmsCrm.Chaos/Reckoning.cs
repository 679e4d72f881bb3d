using System.Text.Json;
using Npgsql;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Local;

namespace SmsCrm.Chaos;

/// <summary>Compares what was acknowledged, what Postgres says, and what the provider itself has on record: three that know nothing of one another.</summary>
internal sealed class Reckoning(LocalSystem system) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _postgres = NpgsqlDataSource.Create(system.PostgresConnectionString);

    /// <summary>How many messages stand in each state, and how many of them have no end yet: neither final nor with the provider.</summary>
    public async Task<(IReadOnlyDictionary<string, int> ByState, int Open)> ReadStatesAsync(CancellationToken cancellation)
    {
        var rows = await ReadRowsAsync(cancellation).ConfigureAwait(false);
        return (rows.Values.GroupBy(state => state.Code()).ToDictionary(group => group.Key, group => group.Count()), rows.Values.Count(IsOpen));
    }

    /// <param name="accepted">The acknowledged ids.</param>
    public async Task<ChaosResult> CompareAsync(IReadOnlyCollection<string> accepted, CancellationToken cancellation)
    {
        var rows = await ReadRowsAsync(cancellation).ConfigureAwait(false);
        var taken = await ReadProviderAsync(cancellation).ConfigureAwait(false);
        var ids = accepted.Select(Guid.Parse).ToHashSet();
        var takenIds = taken.Select(text => text.Message).ToHashSet();

        var withoutEnd = ids.Count(id => !rows.TryGetValue(id, out var state) || IsOpen(state));
        var neverTaken = rows.Count(row => row.Value.IsTaken() && !takenIds.Contains(row.Key));
        var unsaid = rows.Count(row => row.Value is MessageState.Failed or MessageState.Rejected or MessageState.Cancelled && takenIds.Contains(row.Key));
        var twice = Math.Max(MoreThanOnce(taken.Select(text => text.To)), MoreThanOnce(taken.Select(text => text.Message.ToString())));
        return new ChaosResult(
            ids.Count,
            withoutEnd + neverTaken + unsaid,
            twice,
            rows.Values.Count(state => state == MessageState.Uncertain),
            rows.Count(row => row.Value == MessageState.Uncertain && takenIds.Contains(row.Key)),
            await VerifyAsync(cancellation).ConfigureAwait(false),
            rows.Values.GroupBy(state => state.Code()).ToDictionary(group => group.Key, group => group.Count()));
    }

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    private static int MoreThanOnce(IEnumerable<string> texts) => texts.GroupBy(text => text).Count(group => group.Count() > 1);

    private static bool IsOpen(MessageState state) => !state.IsFinal() && !state.IsTaken();

    private async Task<Dictionary<Guid, MessageState>> ReadRowsAsync(CancellationToken cancellation)
    {
        var rows = new Dictionary<Guid, MessageState>();
        await using var command = _postgres.CreateCommand("SELECT id, state FROM messages");
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            rows.Add(reader.GetGuid(0), (MessageState)reader.GetInt16(1));
        }

        return rows;
    }

    private async Task<List<(string To, Guid Message)>> ReadProviderAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient();
        var texts = new List<(string, Guid)>();
        using var lines = new StreamReader(await http.GetStreamAsync(new Uri(system.SimulatorAddress, "/_control/ledger"), cancellation).ConfigureAwait(false));
        while (await lines.ReadLineAsync(cancellation).ConfigureAwait(false) is { Length: > 0 } line)
        {
            using var text = JsonDocument.Parse(line);
            if (text.RootElement.GetProperty("direction").GetString() == "outbound")
            {
                texts.Add((text.RootElement.GetProperty("to").GetString()!, Guid.Parse(text.RootElement.GetProperty("messageId").GetString()!)));
            }
        }

        return texts;
    }

    private async Task<string> VerifyAsync(CancellationToken cancellation)
    {
        try
        {
            await system.RunCommandAsync(["ledger", "verify"], cancellation).ConfigureAwait(false);
            return "";
        }
        catch (LocalServerException e)
        {
            return e.Message;
        }
    }
}
