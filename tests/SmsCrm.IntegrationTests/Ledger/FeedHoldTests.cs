using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ledger;

/// <summary>What holds the feeds back, on a server of its own: transactions of other tests' databases would hold them back as well.</summary>
public sealed partial class FeedHoldTests(FeedHoldTests.LoneServer server) : IClassFixture<FeedHoldTests.LoneServer>, IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly TestMeters _meters = new();
    private readonly LogLines _log = new();
    private readonly NpgsqlDataSource _postgres = NpgsqlDataSource.Create(server.Postgres.ConnectionString);

    [Fact]
    public async Task A_transaction_that_writes_and_stays_open_is_the_lag_and_is_named_whatever_database_it_is_of()
    {
        var (hold, lag) = Watch(_postgres);
        await using var session = await OpenAsync("nightly import", "postgres");
        await using var transaction = await BeginToWriteAsync(session);

        var known = await LookAsync(hold, TimeSpan.FromSeconds(2));
        var young = Held();
        await LookAsync(hold, TimeSpan.FromSeconds(12));
        var named = Held();
        var behind = lag.Seconds;
        await transaction.CommitAsync();
        await LookAsync(hold, TimeSpan.Zero);

        Assert.InRange(known, 2, 60);
        Assert.Equal((known, ""), young);
        Assert.Equal($"pid={session.ProcessID} application_name=nightly import database=postgres", named.Tags);
        Assert.InRange(named.Seconds, 14, 60);
        Assert.Equal(named.Seconds, behind);
        Assert.Equal((0, ""), Held());
        Assert.Equal(0, lag.Seconds);
    }

    [Fact]
    public async Task The_log_names_it_once_when_it_lasts_and_says_once_that_it_is_over()
    {
        var (hold, _) = Watch(_postgres);
        await using var session = await OpenAsync("forgotten", "postgres");
        await using var transaction = await BeginToWriteAsync(session);

        await LookAsync(hold, TimeSpan.FromSeconds(5));
        Assert.Empty(_log.Lines);
        for (var look = 0; look < 20; look++)
        {
            await LookAsync(hold, TimeSpan.FromSeconds(1));
        }

        await transaction.RollbackAsync();
        await LookAsync(hold, TimeSpan.FromSeconds(1));
        await LookAsync(hold, TimeSpan.FromSeconds(1));

        var holder = $"session {session.ProcessID} ('forgotten', database postgres)";
        Assert.Equal(
            [$"Webhooks and Watch tell nothing of the last N s: a transaction that writes is open that long, of {holder}. End it",
                $"Webhooks and Watch go on after N s: the transaction is over, of {holder}"],
            _log.Lines.Select(line => Seconds().Replace(line, " N s")));
    }

    [Fact]
    public async Task What_only_reads_and_what_is_over_by_the_next_look_counts_for_nothing()
    {
        var (hold, lag) = Watch(_postgres);
        await using var reading = await OpenAsync("long report", "postgres");
        await using var reads = await reading.BeginTransactionAsync();
        await ExecuteAsync(reading, "SELECT count(*) FROM pg_class");
        await LookAsync(hold, TimeSpan.FromSeconds(60));
        var whileReading = lag.Seconds;
        await using var session = await OpenAsync("quick", "postgres");
        await using var first = await BeginToWriteAsync(session);
        await hold.LookAsync(default);
        await first.CommitAsync();
        _clock.Advance(TimeSpan.FromSeconds(60));
        var whileQuick = lag.Seconds;
        await using var second = await BeginToWriteAsync(session);
        await hold.LookAsync(default);

        Assert.Equal((0, 0, 0), (whileReading, whileQuick, lag.Seconds));
    }

    [Fact]
    public async Task A_transaction_that_is_prepared_and_that_nobody_ends_holds_as_well()
    {
        var (hold, lag) = Watch(_postgres);
        await using var session = await OpenAsync("coordinator", "postgres");
        await ExecuteAsync(session, "BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION 'order-17'");

        await LookAsync(hold, TimeSpan.FromSeconds(15));
        await hold.LookAsync(default);
        var held = Held();
        await ExecuteAsync(session, "ROLLBACK PREPARED 'order-17'");
        await LookAsync(hold, TimeSpan.Zero);

        Assert.Equal("application_name=(prepared) database=postgres", held.Tags);
        Assert.InRange(held.Seconds, 15, 60);
        Assert.Contains("prepared transaction 'order-17' (database postgres)", _log.Lines.First(), StringComparison.Ordinal);
        Assert.Equal(0, lag.Seconds);
    }

    [Fact]
    public async Task Without_the_right_to_see_when_other_roles_began_the_session_is_named_and_its_time_counts_from_the_first_look()
    {
        await using var owner = await OpenAsync("owner", "postgres");
        await ExecuteAsync(owner, "CREATE ROLE plain LOGIN");
        await using var plain = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.Postgres.ConnectionString) { Username = "plain" }.ConnectionString);
        var (hold, lag) = Watch(plain);
        await using var transaction = await BeginToWriteAsync(owner);

        await LookAsync(hold, TimeSpan.FromSeconds(7));

        Assert.Equal((7, $"pid={owner.ProcessID} application_name=owner database=postgres"), Held());
        Assert.Equal(7, lag.Seconds);
    }

    [Fact]
    public async Task What_was_seen_before_Postgres_was_away_is_not_told_on()
    {
        var (hold, lag) = Watch(_postgres);
        await using var session = await OpenAsync("lost", "postgres");
        await using var transaction = await BeginToWriteAsync(session);
        await LookAsync(hold, TimeSpan.FromSeconds(7));

        hold.Forget();

        Assert.Equal((0, 0), (lag.Seconds, Held().Seconds));
    }

    public async ValueTask DisposeAsync()
    {
        await _postgres.DisposeAsync();
        _meters.Dispose();
        _log.Dispose();
    }

    [GeneratedRegex(@" \d+ s\b")]
    private static partial Regex Seconds();

    private static async Task<NpgsqlTransaction> BeginToWriteAsync(NpgsqlConnection session)
    {
        var transaction = await session.BeginTransactionAsync();
        await ExecuteAsync(session, "SELECT pg_current_xact_id()");
        return transaction;
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>With a reader to which nothing new comes.</summary>
    private (FeedHold Hold, FeedLag Lag) Watch(NpgsqlDataSource postgres)
    {
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        var hold = new FeedHold(postgres, _meters, _clock, loggers.CreateLogger<FeedHold>());
        var lag = new FeedLag(_meters.Create(new MeterOptions("test")), "test.lag", hold, _clock);
        lag.HasRead([]);
        return (hold, lag);
    }

    private async Task<NpgsqlConnection> OpenAsync(string name, string database)
    {
        var session = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(server.Postgres.ConnectionStringTo(database)) { ApplicationName = name, Pooling = false }.ConnectionString);
        await session.OpenAsync();
        return session;
    }

    /// <summary>Looks twice, so that what is open is known, and lets time pass.</summary>
    /// <returns>For how long it has held the feeds back then, in seconds.</returns>
    private async Task<double> LookAsync(FeedHold hold, TimeSpan pass)
    {
        await hold.LookAsync(default);
        await hold.LookAsync(default);
        _clock.Advance(pass);
        return hold.Age.TotalSeconds;
    }

    private (double Seconds, string Tags) Held() => Gauge.Read(_meters, "smscrm.feed.held");

    /// <summary>A Postgres server that takes prepared transactions, without tables.</summary>
    public sealed class LoneServer : IAsyncLifetime
    {
        private string? _folder;

        public LocalPostgres Postgres { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            _folder = await RunFolder.NewAsync("lone-postgres");
            Postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions(_folder, PrivatePorts.Next()) { MaxWalSize = "1GB" });
            await using (var settings = NpgsqlDataSource.Create(Postgres.ConnectionString))
            {
                // Autovacuum's transactions would hold the feeds back too.
                foreach (var setting in (string[])["max_prepared_transactions = 2", "autovacuum = off"])
                {
                    await using var set = settings.CreateCommand($"ALTER SYSTEM SET {setting}");
                    await set.ExecuteNonQueryAsync();
                }
            }

            await Postgres.StopAsync();
            await Postgres.StartAgainAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await Postgres.DisposeAsync();
            Leftovers.Delete(_folder!);
        }
    }
}
