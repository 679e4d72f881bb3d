using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Storage;
using SmsCrm.Streams;
using SmsCrm.Streams.Reading;

namespace SmsCrm.Reporting.Ledger;

/// <summary>
/// Compares sources that know nothing of one another: the rows, the fold of their events, the counts, what waits, the holds and the budgets'
/// use, the sids and the idempotency keys, all from one snapshot; Kafka's requests, and the provider's own list. It may run beside everything else.
/// </summary>
/// <param name="topics">Needed where the scope asks for Kafka.</param>
/// <param name="provider">Needed where the scope asks for the provider, as is <paramref name="directory"/>.</param>
public sealed class LedgerVerification(
    PostgresConnections connections,
    TopicReader? topics = null,
    IOptions<KafkaOptions>? kafka = null,
    ISmsProvider? provider = null,
    ProviderDirectory? directory = null)
{
    private static readonly string Messages = $"SELECT count(*) FROM messages m WHERE {LedgerChecks.Bounds}";

    /// <exception cref="InvalidOperationException">A source is asked for that this process was not given.</exception>
    public async Task<LedgerVerdict> VerifyAsync(LedgerScope scope, CancellationToken cancellation)
    {
        var logged = !scope.Kafka ? null : new LoggedRequests(
            topics ?? throw new InvalidOperationException("Kafka's requests need AddStreams"), kafka?.Value.Durable ?? true);
        var listed = !scope.Provider ? null : new ListedTexts(
            provider ?? throw new InvalidOperationException("The provider's list needs AddProvider"),
            directory ?? throw new InvalidOperationException("The provider's list needs AddProvider"));

        // A session of its own: temporary tables, and a transaction that lasts.
        await using var connection = await connections.OpenSessionAsync(cancellation);
        var sources = new List<LedgerSource>();
        var settled = await NowAsync(connection, cancellation) - scope.Grace;
        if (logged is not null && await logged.ReadAsync(connection, scope, settled, cancellation) is { } trouble)
        {
            sources.Add(new LedgerSource("kafka", false, 0, trouble));
            logged = null;
        }

        if (listed is not null)
        {
            await listed.ReadAsync(connection, scope, await NowAsync(connection, cancellation) - scope.Grace, cancellation);
        }

        await using var snapshot = new LedgerSnapshot(connection, scope);
        await snapshot.BeginAsync(cancellation);
        var messages = await snapshot.RowsAsync<long>(Messages, cancellation);
        foreach (var check in LedgerChecks.All)
        {
            await snapshot.CheckAsync(check, cancellation);
        }

        if (snapshot.Found.ContainsKey("counts"))
        {
            await KeptRequests.CheckAsync(snapshot, cancellation);
        }

        if (logged is not null)
        {
            sources.Add(await logged.CheckAsync(snapshot, cancellation));
        }

        if (listed is not null)
        {
            sources.Add(await listed.CheckAsync(snapshot, cancellation));
        }

        return new LedgerVerdict(messages[0], snapshot.Faults, snapshot.Found, sources);
    }

    private static async Task<DateTime> NowAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var now = new NpgsqlCommand("SELECT now()", connection);
        return (DateTime)(await now.ExecuteScalarAsync(cancellation))!;
    }
}
