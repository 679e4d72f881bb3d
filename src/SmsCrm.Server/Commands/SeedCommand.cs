using System.CommandLine;
using SmsCrm.Crm.Access;
using SmsCrm.Crm.Tenants;
using SmsCrm.Server.Hosting;
using SmsCrm.Storage;

namespace SmsCrm.Server.Commands;

/// <summary><c>smscrm seed</c>: the demo tenant, whose texts go to the simulator.</summary>
internal static class SeedCommand
{
    public static Command Create()
    {
        var command = new CommandWithExamples(
            "seed",
            "Makes the demo tenant: an account at the simulator, ten short codes, an API key. What is there already stays.",
            "smscrm seed",
            "SmsCrm__Seed__SimulatorAddress=http://127.0.0.1:8090 smscrm seed");
        command.SetAction((_, cancellation) => RunAsync(cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CancellationToken cancellation)
    {
        using var host = await CommandHost.BuildAsync((services, configuration) =>
        {
            services.AddStorage(configuration);
            services.AddAccess();
            services.AddDemoSeed();
        });
        try
        {
            var report = await host.Services.GetRequiredService<DemoSeed>().RunAsync(cancellation);
            await Console.Out.WriteLineAsync(
                $"Tenant {DemoSeed.TenantName} {report.Tenant} with {report.Senders} senders; its API key is in {report.KeyFile}");
            return ExitCodes.Ok;
        }
        catch (InvalidOperationException refused)
        {
            throw new CommandException(refused.Message);
        }
    }
}
