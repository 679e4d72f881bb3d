namespace SmsCrm.Web;

/// <summary>What the status page shows. Nothing of where the dependencies are or what they say: the page asks for no key.</summary>
/// <param name="HasApi">This process serves the REST API's documentation.</param>
public sealed record StatusView(string Version, bool Ready, IReadOnlyList<RoleView> Roles, bool HasApi, int GrpcPort);

/// <param name="Missing">Names of the dependencies that hold it up; empty where it is ready.</param>
public sealed record RoleView(string Name, IReadOnlyList<string> Missing);

/// <summary>Where the pages have the status from; the server gives it.</summary>
public sealed class StatusReader(Func<Task<StatusView>> read)
{
    public Task<StatusView> ReadAsync() => read();
}
