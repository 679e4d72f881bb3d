using System.Reflection;

namespace SmsCrm.Server.Local;

/// <summary>The product's own executable, for starting its commands as processes.</summary>
/// <param name="Path">smscrm.dll, or the apphost that lies beside it.</param>
public sealed record ServerProgram(string Path)
{
    /// <summary>The program that runs now.</summary>
    public static ServerProgram Running => new(Assembly.GetEntryAssembly()?.Location is { Length: > 0 } dll ? dll : Environment.ProcessPath!);

    /// <summary>What to start: the dotnet host, or the program itself.</summary>
    public string File => IsAssembly ? DotNet : Path;

    public IReadOnlyList<string> Arguments(IEnumerable<string> command) => IsAssembly ? [Path, .. command] : [.. command];

    /// <summary>Runs a command that ends by itself; its output is appended to <paramref name="logFile"/>.</summary>
    /// <exception cref="LocalServerException">It did not end with code 0; with what it said last.</exception>
    public async Task<string> RunAsync(
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string> settings,
        string logFile,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        var result = await SystemProgram.RunAsync(
            File, Arguments(command), deadline, environment: settings, cancellationToken: cancellationToken).ConfigureAwait(false);
        await System.IO.File.AppendAllTextAsync(logFile, result.Output + "\n", cancellationToken).ConfigureAwait(false);
        return result.Succeeded
            ? result.Output
            : throw new LocalServerException(
                $"smscrm {string.Join(' ', command)} failed with code {result.ExitCode}:\n{string.Join('\n', result.Output.Split('\n').TakeLast(15))}");
    }

    private bool IsAssembly => Path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);

    private static string DotNet =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (System.IO.Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");
}
