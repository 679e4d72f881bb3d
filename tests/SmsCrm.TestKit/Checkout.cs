namespace SmsCrm.TestKit;

/// <summary>Where things lie in the checkout that the tests were built from.</summary>
public static class Checkout
{
    /// <summary>The folder of SmsCrm.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>What local servers and test runs write.</summary>
    public static string LocalFolder { get; } = Path.Combine(Root, ".local");

    /// <summary>Packages unpacked once for every run (redis-server).</summary>
    public static string CacheFolder { get; } = Path.Combine(LocalFolder, "cache");

    /// <summary>The product's own program (smscrm.dll), of the configuration that the tests were built in.</summary>
    public static string ServerProgram { get; } = Path.Combine(
        Root, "src", "SmsCrm.Server", "bin", ConfigurationName, "net10.0", "smscrm.dll");

    private static string ConfigurationName =>
        AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? "Release"
            : "Debug";

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SmsCrm.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No SmsCrm.sln above {AppContext.BaseDirectory}");
    }
}
