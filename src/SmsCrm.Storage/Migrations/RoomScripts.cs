using System.Globalization;
using System.Text.RegularExpressions;
using FluentMigrator;

namespace SmsCrm.Storage.Migrations;

/// <summary>A migration of scripts, one for each room that it concerns: <c>Sql/{version}_{room}_up.sql</c> and <c>_down.sql</c>, in the order of their names.</summary>
public abstract partial class RoomScripts(int version) : Migration
{
    public override void Up() => Run("up");

    public override void Down() => Run("down");

    private void Run(string direction)
    {
        foreach (var script in typeof(RoomScripts).Assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (Script().Match(script) is { Success: true } match
                && int.Parse(match.Groups["version"].Value, CultureInfo.InvariantCulture) == version
                && match.Groups["direction"].Value == direction)
            {
                Execute.EmbeddedScript(script);
            }
        }
    }

    [GeneratedRegex(@"\.Sql\.(?<version>\d{4})_[a-z]+_(?<direction>up|down)\.sql$")]
    private static partial Regex Script();
}
