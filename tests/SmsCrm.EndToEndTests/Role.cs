using SmsCrm.Chaos;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.EndToEndTests;

internal static class Role
{
    /// <summary>Starts a role that the system does not run itself, as a process that a test may kill or stop.</summary>
    /// <param name="role">As <c>serve --roles</c> names it.</param>
    public static Task<ChildProcess> StartAsync(LocalSystem system, string role) => RoleProcess.StartAsync(
        system,
        role,
        new ServerProgram(Checkout.ServerProgram),
        (PrivatePorts.Next(), PrivatePorts.Next(), PrivatePorts.Next()),
        TestContext.Current.CancellationToken);
}
