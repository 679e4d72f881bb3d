using FluentMigrator.Runner;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SmsCrm.Storage.Migrations;

namespace SmsCrm.TestKit;

/// <summary>Brings a database to the newest version of the schema.</summary>
internal static class Schema
{
    /// <summary>The product's own migrations; no connection is left open, so that the database can serve as a template.</summary>
    public static async Task MigrateAsync(string connectionString)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;
        await using var services = new ServiceCollection()
            .AddFluentMigratorCore()
            .ConfigureRunner(runner => runner
                .AddPostgres15_0()
                .WithGlobalConnectionString(unpooled)
                .ScanIn(typeof(M0001_FirstSchema).Assembly).For.All())
            .BuildServiceProvider();
        using var scope = services.CreateScope();
        scope.ServiceProvider.GetRequiredService<IMigrationRunner>().MigrateUp();
    }
}
