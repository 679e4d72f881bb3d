using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using SmsCrm.TestKit;
using SmsCrm.TwilioSimulator;

namespace SmsCrm.IntegrationTests.TwilioSimulator;

/// <summary>
/// Runs <c>tests/conformance/messages.mjs</c>, once for all tests of the class, against a simulator of its own. The packages are
/// installed by <c>npm ci</c> when the lock file is another than last time; one process at a time does that.
/// </summary>
public sealed class NodeSdk : IAsyncLifetime
{
    private static readonly string Folder = Path.Combine(Checkout.Root, "tests", "conformance");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Why the checks could not run here; null when they did.</summary>
    public string? Missing { get; private set; }

    /// <summary>What the checks found, by group.</summary>
    public ILookup<string, NodeCheck> Checks { get; private set; } = Array.Empty<NodeCheck>().ToLookup(check => check.Group);

    public async ValueTask InitializeAsync()
    {
        Missing = await MissingAsync();
        if (Missing is not null)
            return;
        await InstallAsync();
        await using var simulator = await RunningSimulator.StartAsync();
        var output = await RunAsync(
            "node", "messages.mjs", simulator.BaseAddress.ToString().TrimEnd('/'), SimulatedAccount.DemoSid, SimulatedAccount.DemoAuthToken);
        Checks = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<NodeCheck>(line, JsonSerializerOptions.Web)!)
            .ToLookup(check => check.Group);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<string?> MissingAsync()
    {
        try
        {
            var version = (await RunAsync("node", "--version")).Trim();
            if (!int.TryParse(version.TrimStart('v').Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) || major < 20)
                return $"node is {version}, and Twilio's Node SDK needs 20 or newer";
            await RunAsync("npm", "--version");
            return null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "node 20 and npm are not installed";
        }
    }

    private static async Task InstallAsync()
    {
        Directory.CreateDirectory(Checkout.LocalFolder);
        await using var turn = await TurnAsync(Path.Combine(Checkout.LocalFolder, "conformance.lock"));
        var stamp = Path.Combine(Folder, "node_modules", ".installed");
        var wanted = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Folder, "package-lock.json"))));
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == wanted)
            return;
        await RunAsync("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
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

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await error}{output}");
            return output;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}

/// <summary>One line of the script's output.</summary>
public sealed record NodeCheck(string Group, string Name, bool Ok, string? Error = null);
