using System.CommandLine;
using SmsCrm.Server.Hosting;
using SmsCrm.Server.Roles;

namespace SmsCrm.Server.Commands;

/// <summary><c>smscrm serve</c>: runs roles until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var roles = new Option<string>("--roles")
        {
            Description = $"Which roles this process runs, separated by commas: {string.Join(", ", RoleNames.All)}, or all.",
            DefaultValueFactory = _ => "all",
            HelpName = "roles",
        };
        roles.Validators.Add(result =>
        {
            if (RoleNames.Parse(result.GetValueOrDefault<string>() ?? "").Error is { } error)
            {
                result.AddError(error);
            }
        });
        var command = new CommandWithExamples(
            "serve",
            "Runs the server in the given roles until SIGINT or SIGTERM, then drains.",
            "smscrm serve",
            "smscrm serve --roles ingest,crm",
            "SmsCrm__Server__HttpPort=9000 smscrm serve --roles send")
        {
            roles,
        };
        command.SetAction((parsed, cancellation) => ServerHost.RunAsync(RoleNames.Parse(parsed.GetRequiredValue(roles)).Roles, cancellation));
        return command;
    }
}
