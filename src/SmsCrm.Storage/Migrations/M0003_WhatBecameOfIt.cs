using FluentMigrator;

namespace SmsCrm.Storage.Migrations;

/// <summary>What comes back from the world: links and clicks, conversations, reports, customer webhooks.</summary>
[Migration(3, "What became of it")]
public sealed class M0003_WhatBecameOfIt() : RoomScripts(3);
