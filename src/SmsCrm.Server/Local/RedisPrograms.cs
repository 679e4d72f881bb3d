namespace SmsCrm.Server.Local;

/// <summary>A redis-server and the libraries that it needs beside it.</summary>
internal sealed record RedisProgram(string File, IReadOnlyDictionary<string, string> Environment);

/// <summary>Finds redis-server, or unpacks Debian's packages without installing them: nothing then starts on 6379.</summary>
internal static class RedisPrograms
{
    public const string Missing =
        "redis-server was not found. Debian and Ubuntu: apt-get install redis-server (or apt-get download, which needs no root). "
        + "macOS: brew install redis. Or set REDIS_SERVER to its path";

    private static readonly string[] Packages = ["redis-server", "redis-tools", "libjemalloc2", "liblzf1"];

    /// <summary>REDIS_SERVER, the PATH, Homebrew's, what was unpacked before, else unpacks it into <paramref name="cacheFolder"/>.</summary>
    /// <exception cref="LocalServerException">None is there and none can be had.</exception>
    public static async Task<RedisProgram> FindAsync(string cacheFolder, CancellationToken cancellationToken)
    {
        var installed = new[]
        {
            Environment.GetEnvironmentVariable("REDIS_SERVER"),
            SystemProgram.Find("redis-server"),
            "/opt/homebrew/bin/redis-server",
        }.FirstOrDefault(File.Exists);
        if (installed is not null)
        {
            return new RedisProgram(installed, new Dictionary<string, string>());
        }

        var folder = Path.Combine(Path.GetFullPath(cacheFolder), "redis");
        if (!Directory.Exists(folder))
        {
            await UnpackAsync(folder, cancellationToken).ConfigureAwait(false);
        }

        return Unpacked(folder);
    }

    private static RedisProgram Unpacked(string folder)
    {
        var libraries = Directory.EnumerateDirectories(Path.Combine(folder, "usr/lib"), "*-linux-gnu*").FirstOrDefault();
        return new RedisProgram(
            Path.Combine(folder, "usr/bin/redis-server"),
            new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = libraries ?? "" });
    }

    private static async Task UnpackAsync(string folder, CancellationToken cancellationToken)
    {
        if (SystemProgram.Find("apt-get") is null || SystemProgram.Find("dpkg") is null)
        {
            throw new LocalServerException(Missing);
        }

        // Several test programs may do this at once: each unpacks on its own, the first to rename wins.
        var unpacked = Directory.CreateDirectory(folder + "." + Path.GetRandomFileName()).FullName;
        var download = await DownloadAsync(unpacked, cancellationToken).ConfigureAwait(false);
        if (!download.Succeeded && Environment.IsPrivilegedProcess)
        {
            await SystemProgram.RunAsync("apt-get", ["update"], TimeSpan.FromMinutes(3), cancellationToken: cancellationToken).ConfigureAwait(false);
            download = await DownloadAsync(unpacked, cancellationToken).ConfigureAwait(false);
        }

        if (!download.Succeeded)
        {
            Directory.Delete(unpacked, recursive: true);
            throw new LocalServerException($"{Missing}. apt-get download said: {download.Output}");
        }

        foreach (var package in Directory.EnumerateFiles(unpacked, "*.deb").ToList())
        {
            await SystemProgram.RunAsync("dpkg", ["-x", package, unpacked], TimeSpan.FromMinutes(1), cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            File.Delete(package);
        }

        try
        {
            Directory.Move(unpacked, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            Directory.Delete(unpacked, recursive: true);
        }
    }

    private static Task<ProgramResult> DownloadAsync(string folder, CancellationToken cancellationToken) =>
        SystemProgram.RunAsync("apt-get", ["download", .. Packages], TimeSpan.FromMinutes(2), folder, cancellationToken: cancellationToken);
}
