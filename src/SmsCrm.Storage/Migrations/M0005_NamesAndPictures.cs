using FluentMigrator;

namespace SmsCrm.Storage.Migrations;

/// <summary>What campaigns are called, and what else came with a recipient's text.</summary>
[Migration(5, "Names and pictures")]
public sealed class M0005_NamesAndPictures() : RoomScripts(5);
