using Microsoft.Extensions.Options;
using SmsCrm.Storage;
using SmsCrm.Storage.Migrations;

namespace SmsCrm.TestKit;

/// <summary>Brings a database to the newest version of the schema.</summary>
internal static class Schema
{
    /// <summary>The product's own migrations; no connection is left open, so that the database can serve as a template.</summary>
    public static Task MigrateAsync(string connectionString) =>
        new SchemaMigrator(Options.Create(new StorageOptions { Postgres = connectionString })).MigrateUpAsync(CancellationToken.None);
}
