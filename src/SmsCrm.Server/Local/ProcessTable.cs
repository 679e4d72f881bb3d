using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SmsCrm.Server.Local;

/// <summary>Looks at processes and signals them.</summary>
public static class ProcessTable
{
    private const int SigInt = 2;
    private const int SigKill = 9;
    private const int SigTerm = 15;

    /// <summary>The command line with its arguments parted by blanks; null when there is no such process, or only its zombie.</summary>
    public static string? CommandLine(int pid)
    {
        if (pid <= 0)
        {
            return null;
        }

        try
        {
            if (Directory.Exists("/proc/self"))
            {
                var text = File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/cmdline").Replace('\0', ' ').Trim();
                return text.Length == 0 ? null : text;
            }

            var start = new ProcessStartInfo("ps", ["-ww", "-o", "command=", "-p", pid.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardOutput = true,
            };
            using var ps = Process.Start(start);
            var output = ps?.StandardOutput.ReadToEnd().Trim();
            return string.IsNullOrEmpty(output) || output.EndsWith("<defunct>", StringComparison.Ordinal) ? null : output;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Whether process <paramref name="pid"/> runs and its command line contains <paramref name="mark"/>.</summary>
    public static bool IsOurs(int pid, string mark) => CommandLine(pid)?.Contains(mark, StringComparison.Ordinal) == true;

    /// <summary>SIGINT. A process that is gone already is no error.</summary>
    public static void Interrupt(int pid) => Signal(pid, SigInt);

    /// <summary>SIGTERM. A process that is gone already is no error.</summary>
    public static void Terminate(int pid) => Signal(pid, SigTerm);

    /// <summary>SIGKILL. A process that is gone already is no error.</summary>
    public static void Kill(int pid) => Signal(pid, SigKill);

    /// <summary>Any signal by its number (2 interrupt, 19 stop, 18 continue on Linux).</summary>
    public static void Signal(int pid, int signal)
    {
        // A pid of 0 or below would reach whole process groups.
        if (pid > 1)
        {
            _ = KillNative(pid, signal);
        }
    }

    /// <summary>Waits until the process is gone; false when it is still there after <paramref name="patience"/>.</summary>
    public static async Task<bool> IsGoneWithinAsync(int pid, string mark, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (IsOurs(pid, mark))
        {
            if (TimeProvider.System.GetElapsedTime(started) > patience)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int KillNative(int pid, int signal);
}
