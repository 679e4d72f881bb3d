using Microsoft.Extensions.Options;
using Npgsql;

namespace SmsCrm.Storage;

/// <summary>How this process connects to Postgres.</summary>
public sealed class PostgresConnections(IOptions<StorageOptions> options)
{
    /// <summary>
    /// The pooled data source. Its connections are handed on without a reset: no code may leave session state on one (SET, LISTEN,
    /// session locks); whoever needs that opens a session of its own (<see cref="OpenSessionAsync"/>).
    /// </summary>
    public static NpgsqlDataSource CreateDataSource(StorageOptions options)
    {
        var text = new NpgsqlConnectionStringBuilder(Session(options))
        {
            Pooling = true,
            MaxPoolSize = options.MaxPoolSize,
            NoResetOnClose = true,
            // The hot path's statements are the same every time: parsed and planned once per connection.
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            // A transaction whose client stopped between two statements holds row locks: not for long (design section 6, claim).
            Options = "-c idle_in_transaction_session_timeout=2000",
        };
        return new NpgsqlDataSourceBuilder(text.ConnectionString).Build();
    }

    /// <summary>Opens a connection outside the pool: for locks and settings that last as long as the session does. Dispose it to end the session.</summary>
    /// <param name="timeoutSeconds">Deadline of what has no command to set one on, such as the beginning of a COPY. Null: that of all commands.</param>
    public async Task<NpgsqlConnection> OpenSessionAsync(CancellationToken cancellation, int? timeoutSeconds = null)
    {
        var session = new NpgsqlConnectionStringBuilder(Session(options.Value));
        session.CommandTimeout = timeoutSeconds ?? session.CommandTimeout;
        var connection = new NpgsqlConnection(session.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    internal static string Session(StorageOptions options) => new NpgsqlConnectionStringBuilder(options.Postgres)
    {
        ApplicationName = "smscrm",
        Pooling = false,
        Enlist = false,
        CommandTimeout = options.CommandTimeoutSeconds,
        Timeout = options.ConnectTimeoutSeconds,
        KeepAlive = 15,
        TcpKeepAlive = true,
        // Bodies and numbers would be in error texts, and from there in logs.
        IncludeErrorDetail = false,
    }.ConnectionString;
}
