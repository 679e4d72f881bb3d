using System.Globalization;
using SmsCrm.Server.Local;

namespace SmsCrm.Chaos;

/// <summary>A role of a local system as a process of its own, so that it can be killed or stopped while the rest goes on.</summary>
internal static class RoleProcess
{
    /// <summary>Starts it, also after a kill; it goes to work by itself.</summary>
    public static Task<ChildProcess> StartAsync(
        LocalSystem system, string role, ServerProgram program, (int Http, int Grpc, int Metrics) ports, CancellationToken cancellation)
    {
        var settings = new Dictionary<string, string>(system.Settings)
        {
            ["SmsCrm__Server__HttpPort"] = ports.Http.ToString(CultureInfo.InvariantCulture),
            ["SmsCrm__Server__GrpcPort"] = ports.Grpc.ToString(CultureInfo.InvariantCulture),
            ["SmsCrm__Server__MetricsPort"] = ports.Metrics.ToString(CultureInfo.InvariantCulture),
        };
        return ChildProcess.StartAsync(
            new ChildProcessOptions(
                role,
                program.File,
                program.Arguments(["serve", "--roles", role]),
                program.Path,
                Path.Combine(system.LogFolder, role + ".log"),
                Path.Combine(system.LogFolder, "..", role + ".pid"))
            {
                Environment = settings,
            },
            cancellation);
    }
}
