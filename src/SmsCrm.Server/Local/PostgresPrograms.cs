using System.Globalization;

namespace SmsCrm.Server.Local;

/// <summary>Finds initdb and pg_ctl and runs them as a user that Postgres accepts: not as root.</summary>
internal sealed class PostgresPrograms
{
    public const string Missing =
        "PostgreSQL's server programs (initdb, pg_ctl) were not found. Debian and Ubuntu: apt-get install postgresql. "
        + "macOS: brew install postgresql@17. Or set POSTGRES_BIN to the folder that holds them";

    private readonly string _bin;

    private PostgresPrograms(string bin) => _bin = bin;

    /// <summary>The system's <c>postgres</c> user runs the server when we are root; null when we run it ourselves.</summary>
    public static string? ServerUser => Environment.IsPrivilegedProcess ? "postgres" : null;

    /// <summary>POSTGRES_BIN, else Debian's newest version, Homebrew's, else the PATH.</summary>
    /// <exception cref="LocalServerException">There are none.</exception>
    public static PostgresPrograms Find()
    {
        var folders = new[] { Environment.GetEnvironmentVariable("POSTGRES_BIN") }
            .Concat(Versions("/usr/lib/postgresql", "bin"))
            .Concat(Versions("/opt/homebrew/opt", "bin", "postgresql@"))
            .Concat(Versions("/usr/local/opt", "bin", "postgresql@"))
            .Append(Path.GetDirectoryName(SystemProgram.Find("pg_ctl")));
        var bin = folders.FirstOrDefault(folder => folder is not null && File.Exists(Path.Combine(folder, "initdb")));
        return new PostgresPrograms(bin ?? throw new LocalServerException(Missing));
    }

    public Task<ProgramResult> RunAsync(string program, IReadOnlyList<string> arguments, TimeSpan deadline, CancellationToken token) =>
        RunAsServerUserAsync([Path.Combine(_bin, program), .. arguments], deadline, token);

    /// <summary>Runs a command as the server's user, in the root folder (one that this user may enter).</summary>
    public static Task<ProgramResult> RunAsServerUserAsync(IReadOnlyList<string> command, TimeSpan deadline, CancellationToken token) =>
        ServerUser is { } user
            ? SystemProgram.RunAsync("runuser", ["-u", user, "--", .. command], deadline, cancellationToken: token)
            : SystemProgram.RunAsync(command[0], command.Skip(1), deadline, cancellationToken: token);

    private static IEnumerable<string> Versions(string root, string subfolder, string prefix = "") =>
        Directory.Exists(root)
            ? Directory.EnumerateDirectories(root, prefix + "*")
                .OrderByDescending(folder => Number(Path.GetFileName(folder)[prefix.Length..]))
                .Select(folder => Path.Combine(folder, subfolder))
            : [];

    private static double Number(string version) =>
        double.TryParse(version, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
