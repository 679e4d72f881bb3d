using FluentMigrator;

namespace SmsCrm.Storage.Migrations;

/// <summary>Money, consent and windows, cancellations, evidence, inbound texts, and who changed what.</summary>
[Migration(2, "The promises")]
public sealed class M0002_Promises : Migration
{
    public override void Up() => Execute.EmbeddedScript("SmsCrm.Storage.Migrations.Sql.0002_up.sql");

    public override void Down() => Execute.EmbeddedScript("SmsCrm.Storage.Migrations.Sql.0002_down.sql");
}
