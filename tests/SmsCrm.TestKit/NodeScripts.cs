using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace SmsCrm.TestKit;

/// <summary>
/// The scripts of <c>tests/conformance</c>. Their packages are installed by <c>npm ci</c> when the lock file is another than last time; one
/// process at a time does that.
/// </summary>
public static class NodeScripts
{
    private static readonly string Folder = Path.Combine(Checkout.Root, "tests", "conformance");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Why scripts can't run here; null where they can.</summary>
    public static async Task<string?> WhyNotAsync()
    {
        try
        {
            var version = (await RunAsync("node", "", "--version")).Trim();
            if (!int.TryParse(version.TrimStart('v').Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) || major < 20)
                return $"node is {version}, and the scripts need 20 or newer";
            await RunAsync("npm", "", "--version");
            return null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "node 20 and npm are not installed";
        }
    }

    /// <summary>Runs a script; what it prints is its answer.</summary>
    /// <param name="input">What it reads from standard input.</param>
    public static async Task<string> OutputAsync(string script, string input, params string[] arguments)
    {
        await InstallAsync();
        return await RunAsync("node", input, [script, .. arguments]);
    }

    /// <summary>Runs a script that prints a check a line.</summary>
    public static async Task<ILookup<string, NodeCheck>> ChecksAsync(string script, params string[] arguments) =>
        (await OutputAsync(script, "", arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<NodeCheck>(line, JsonSerializerOptions.Web)!)
            .ToLookup(check => check.Group);

    private static async Task InstallAsync()
    {
        Directory.CreateDirectory(Checkout.LocalFolder);
        await using var turn = await TurnAsync(Path.Combine(Checkout.LocalFolder, "conformance.lock"));
        var stamp = Path.Combine(Folder, "node_modules", ".installed");
        var wanted = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Folder, "package-lock.json"))));
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == wanted)
            return;
        await RunAsync("npm", "", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        await File.WriteAllTextAsync(stamp, wanted);
    }

    private static async Task<FileStream> TurnAsync(string path)
    {
        FileStream? turn = null;
        await Eventually.TrueAsync(
            () =>
            {
                try
                {
                    turn = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                }
                catch (IOException)
                {
                    // Another test process installs.
                }
                return turn is not null;
            },
            Patience);
        return turn!;
    }

    private static async Task<string> RunAsync(string program, string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), patience.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(patience.Token);
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await error}{await output}");
            return await output;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}

/// <summary>One line of a script's output.</summary>
public sealed record NodeCheck(string Group, string Name, bool Ok, string? Error = null);
