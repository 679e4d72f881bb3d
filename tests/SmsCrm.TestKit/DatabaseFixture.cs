using Npgsql;
using Xunit;

namespace SmsCrm.TestKit;

/// <summary>A migrated, empty database of its own for a test class (<c>IClassFixture&lt;DatabaseFixture&gt;</c>).</summary>
public sealed class DatabaseFixture(PostgresFixture postgres) : IAsyncLifetime
{
    private NpgsqlDataSource? _dataSource;

    public string ConnectionString { get; private set; } = "";

    /// <summary>As the server's owner: row-level security does not bind it.</summary>
    public NpgsqlDataSource DataSource => _dataSource ?? throw new InvalidOperationException("The database is made before the first test");

    /// <summary>A further one, for a test that must be alone with its rows.</summary>
    public Task<string> CreateAnotherAsync() => postgres.CreateMigratedDatabaseAsync();

    public async ValueTask InitializeAsync()
    {
        ConnectionString = await postgres.CreateMigratedDatabaseAsync();
        _dataSource = NpgsqlDataSource.Create(ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        if (_dataSource is not null)
        {
            await _dataSource.DisposeAsync();
        }
    }
}
