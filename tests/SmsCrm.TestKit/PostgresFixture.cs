using System.Globalization;
using SmsCrm.Server.Local;

namespace SmsCrm.TestKit;

/// <summary>
/// One private Postgres server for a test assembly (an xunit assembly fixture), started when the first test asks.
/// Tests take their database from <see cref="DatabaseFixture"/>.
/// </summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private const string Template = "migrated";

    private readonly Lazy<Task<LocalPostgres>> _server;
    private readonly Lazy<Task> _template;
    private readonly SemaphoreSlim _copying = new(1);
    private string? _folder;
    private int _databases;

    public PostgresFixture()
    {
        _server = new Lazy<Task<LocalPostgres>>(StartAsync);
        _template = new Lazy<Task>(MakeTemplateAsync);
    }

    public Task<LocalPostgres> ServerAsync() => _server.Value;

    /// <summary>A connection string to a new database that holds the migrated schema and no rows.</summary>
    public async Task<string> CreateMigratedDatabaseAsync()
    {
        await _template.Value;
        return await CreateAsync(Template);
    }

    /// <summary>A connection string to a new database without any table, for tests of the migrations.</summary>
    public Task<string> CreateEmptyDatabaseAsync() => CreateAsync(template: null);

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (await _server.Value).DisposeAsync();
            Leftovers.Delete(_folder!);
        }

        _copying.Dispose();
    }

    private async Task<LocalPostgres> StartAsync()
    {
        _folder = await RunFolder.NewAsync("postgres");
        return await LocalPostgres.StartAsync(new LocalPostgresOptions(_folder, PrivatePorts.Next()) { MaxWalSize = "1GB" });
    }

    private async Task MakeTemplateAsync()
    {
        var server = await ServerAsync();
        await server.CreateDatabaseAsync(Template, template: null);
        await Schema.MigrateAsync(server.ConnectionStringTo(Template));
    }

    private async Task<string> CreateAsync(string? template)
    {
        var server = await ServerAsync();
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        await _copying.WaitAsync();
        try
        {
            await server.CreateDatabaseAsync(name, template);
        }
        finally
        {
            _copying.Release();
        }

        return server.ConnectionStringTo(name);
    }
}
