using System.CommandLine;
using System.Globalization;
using Npgsql;
using SmsCrm.Server.Hosting;
using SmsCrm.Storage;
using SmsCrm.Storage.Migrations;

namespace SmsCrm.Server.Commands;

/// <summary><c>smscrm migrate</c>: the only thing that changes the schema.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var down = new Option<long?>("--down")
        {
            Description = "Goes this many versions back. The data of what goes is lost.",
            HelpName = "N",
        };
        var to = new Option<long?>("--to")
        {
            Description = "Goes back to this version; 0 leaves an empty database. The data of what goes is lost.",
            HelpName = "version",
        };
        down.Validators.Add(result => Numbers.Require(result, "--down", 1, SchemaVersion.ExpectedVersion));
        to.Validators.Add(result => Numbers.Require(result, "--to", 0, SchemaVersion.ExpectedVersion));
        var command = new CommandWithExamples(
            "migrate",
            "Brings the database's schema to the newest version, or back. One process at a time; others wait.",
            "smscrm migrate",
            "smscrm migrate --down 1",
            "smscrm migrate --to 0")
        {
            down,
            to,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(down) is not null && result.GetResult(to) is not null)
            {
                result.AddError("--down and --to exclude one another; give one of them");
            }
        });
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(down), parsed.GetValue(to), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(long? down, long? to, CancellationToken cancellation)
    {
        using var host = await CommandHost.BuildAsync((services, configuration) => services.AddStorage(configuration));
        var migrator = host.Services.GetRequiredService<SchemaMigrator>();
        try
        {
            var before = (await migrator.CheckAsync(cancellation)).Actual;
            var target = to ?? (down is { } steps ? Math.Max(0, before - steps) : null);
            var after = target is null || target > before
                ? await migrator.MigrateUpAsync(cancellation)
                : await migrator.MigrateDownAsync(target.Value, cancellation);
            await Console.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"The schema has version {after}{(after == before ? ", as before." : $"; before it had {before}.")}"));
            return ExitCodes.Ok;
        }
        catch (NpgsqlException away) when (away is not PostgresException)
        {
            throw new CommandException($"Postgres does not answer ({away.Message}). Is it started, and is SmsCrm:Storage:Postgres right?");
        }
    }
}
