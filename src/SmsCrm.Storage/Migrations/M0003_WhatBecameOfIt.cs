using System.Text.RegularExpressions;
using FluentMigrator;

namespace SmsCrm.Storage.Migrations;

/// <summary>What comes back from the world: links and clicks, conversations, reports, customer webhooks. Each room has its own script.</summary>
[Migration(3, "What became of it")]
public sealed partial class M0003_WhatBecameOfIt : Migration
{
    public override void Up() => Run("up");

    public override void Down() => Run("down");

    private void Run(string direction)
    {
        foreach (var script in typeof(M0003_WhatBecameOfIt).Assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (Script().Match(script) is { Success: true } match && match.Groups["direction"].Value == direction)
            {
                Execute.EmbeddedScript(script);
            }
        }
    }

    [GeneratedRegex(@"\.Sql\.0003_[a-z]+_(?<direction>up|down)\.sql$")]
    private static partial Regex Script();
}
