using FluentMigrator;

namespace SmsCrm.Storage.Migrations;

/// <summary>Clicks in the tenants' feed, who clicked from where and for the first time, what was accepted by the quarter-hour.</summary>
[Migration(4, "More of what became of it")]
public sealed class M0004_MoreOfWhatBecameOfIt() : RoomScripts(4);
