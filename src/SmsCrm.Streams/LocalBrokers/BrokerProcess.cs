using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SmsCrm.Streams.LocalBrokers;

/// <summary>A local broker is missing or did not come up. The message says which one, and what helps.</summary>
public sealed class LocalBrokerException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// A broker's process: it ignores the terminal's Ctrl-C, so that we end it in order, writes to its log file itself, and is
/// known by a pid file (its id, then a mark that its command line contains), by which the next run ends what a killed one left.
/// </summary>
internal sealed partial class BrokerProcess : IDisposable
{
    private const int SigTerm = 15;
    private const int LogTailBytes = 64 * 1024;
    private readonly Process _process;
    private readonly string _logFile;
    private readonly string _pidFile;

    private BrokerProcess(Process process, string logFile, string pidFile) => (_process, _logFile, _pidFile) = (process, logFile, pidFile);

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public static async Task<BrokerProcess> StartAsync(
        IReadOnlyList<string> command,
        string mark,
        string logFile,
        string pidFile,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellationToken)
    {
        await EndLeftoverAsync(pidFile, cancellationToken).ConfigureAwait(false);
        // An ignored signal stays ignored across exec: one process, whose id we hold.
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = "/",
            ArgumentList = { "-c", "trap '' INT; log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", logFile },
        };
        foreach (var argument in command)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new LocalBrokerException($"{command[0]} could not be started.");
        await File.WriteAllTextAsync(pidFile, string.Create(CultureInfo.InvariantCulture, $"{process.Id}\n{mark}\n"), cancellationToken).ConfigureAwait(false);
        return new BrokerProcess(process, logFile, pidFile);
    }

    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>SIGTERM, and SIGKILL when it is still there after that time.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, SigTerm);
        }

        using var timeout = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(timeout.Token).ConfigureAwait(false);
            File.Delete(_pidFile);
        }
        catch (OperationCanceledException)
        {
            await KillAsync().ConfigureAwait(false);
        }
    }

    public async Task KillAsync()
    {
        // SIGKILL, on every system that has it.
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        File.Delete(_pidFile);
    }

    /// <summary>The end of its log, for reports.</summary>
    public string LastLogLines(int count)
    {
        using var file = new FileStream(_logFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(-Math.Min(file.Length, LogTailBytes), SeekOrigin.End);
        using var reader = new StreamReader(file);
        return string.Join('\n', reader.ReadToEnd().TrimEnd().Split('\n').TakeLast(count));
    }

    public void Dispose() => _process.Dispose();

    private static async Task EndLeftoverAsync(string pidFile, CancellationToken cancellationToken)
    {
        if (!File.Exists(pidFile))
        {
            return;
        }

        var lines = await File.ReadAllLinesAsync(pidFile, cancellationToken).ConfigureAwait(false);
        if (lines.Length < 2 || !int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || !IsOurs(pid, lines[1]))
        {
            return;
        }

        using var leftover = Process.GetProcessById(pid);
        leftover.Kill();
        await leftover.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The system uses ids again: only a process that carries the mark is ours.</summary>
    private static bool IsOurs(int pid, string mark)
    {
        try
        {
            if (Directory.Exists("/proc/self"))
            {
                return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cmdline")).Contains(mark, StringComparison.Ordinal);
            }

            using var ps = Process.Start(new ProcessStartInfo("ps", ["-ww", "-o", "command=", "-p", pid.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true });
            return ps?.StandardOutput.ReadToEnd().Contains(mark, StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
