using FluentMigrator;

namespace SmsCrm.Storage.Migrations;

/// <summary>The first schema: tenants and what they send with, the ledger, and the partitions' upkeep.</summary>
[Migration(1, "The first schema")]
public sealed class M0001_FirstSchema : Migration
{
    public override void Up()
    {
        Execute.EmbeddedScript("SmsCrm.Storage.Migrations.Sql.0001_partitions_up.sql");
        Execute.EmbeddedScript("SmsCrm.Storage.Migrations.Sql.0001_crm_up.sql");
        Execute.EmbeddedScript("SmsCrm.Storage.Migrations.Sql.0001_ledger_up.sql");
    }

    public override void Down()
    {
        Execute.EmbeddedScript("SmsCrm.Storage.Migrations.Sql.0001_down.sql");
    }
}
