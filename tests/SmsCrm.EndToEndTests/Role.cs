using SmsCrm.Chaos;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.EndToEndTests;

internal static class Role
{
    /// <summary>Starts a role that the system does not run itself, as a process that a test may kill or stop.</summary>
    /// <param name="role">As <c>serve --roles</c> names it.</param>
    /// <param name="httpPort">Of its REST API; null: any.</param>
    public static Task<ChildProcess> StartAsync(LocalSystem system, string role, int? httpPort = null) => RoleProcess.StartAsync(
        system,
        role,
        new ServerProgram(Checkout.ServerProgram),
        (httpPort ?? PrivatePorts.Next(), PrivatePorts.Next(), PrivatePorts.Next()),
        TestContext.Current.CancellationToken);
}
