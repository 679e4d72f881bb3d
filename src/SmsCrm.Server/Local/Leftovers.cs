using System.Globalization;

namespace SmsCrm.Server.Local;

/// <summary>
/// What a killed run left running. A pid file holds a process id and, in its second line, a mark (a folder of ours):
/// a process is ended only when its command line still carries that mark, since the system uses ids again.
/// Postgres writes its postmaster.pid in just this form.
/// </summary>
public static class Leftovers
{
    /// <summary>Names the folder where a server's data lies when it could not lie beside this file.</summary>
    public const string LocationFile = "location";

    private const string PostmasterFile = "postmaster.pid";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Ends every process that a pid file anywhere below <paramref name="folder"/> names. Returns how many there were.</summary>
    public static async Task<int> EndUnderAsync(string folder, CancellationToken cancellationToken)
    {
        var ended = 0;
        foreach (var place in PlacesOf(folder))
        {
            foreach (var pidFile in FilesUnder(place, "*.pid"))
            {
                ended += await EndAsync(pidFile, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            }
        }

        return ended;
    }

    /// <summary>Deletes a folder and what its servers keep elsewhere. What another run deletes at the same moment is no error.</summary>
    public static void Delete(string folder)
    {
        foreach (var place in PlacesOf(folder).Reverse().Where(Directory.Exists))
        {
            try
            {
                Directory.Delete(place, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another run cleans here too, or a process that is just ending wrote once more: the next run deletes the rest.
            }
        }
    }

    /// <summary>Ends the process that a pid file names, if it is ours, by asking it and after 10 s by force. Returns whether there was one.</summary>
    public static async Task<bool> EndAsync(string pidFile, CancellationToken cancellationToken)
    {
        var (pid, mark) = Read(pidFile);
        if (mark.Length == 0 || !ProcessTable.IsOurs(pid, mark))
        {
            return false;
        }

        if (Path.GetFileName(pidFile) == PostmasterFile)
        {
            // On SIGTERM Postgres would wait for its clients; SIGINT is its fast shutdown.
            ProcessTable.Interrupt(pid);
        }
        else
        {
            ProcessTable.Terminate(pid);
        }

        if (!await ProcessTable.IsGoneWithinAsync(pid, mark, Patience, cancellationToken).ConfigureAwait(false))
        {
            ProcessTable.Kill(pid);
            await ProcessTable.IsGoneWithinAsync(pid, mark, Patience, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    internal static (int Pid, string Mark) Read(string pidFile)
    {
        try
        {
            var lines = File.ReadLines(pidFile).Take(2).ToArray();
            return lines.Length > 0 && int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                ? (pid, lines.ElementAtOrDefault(1) ?? "")
                : (0, "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (0, "");
        }
    }

    internal static Task WriteAsync(string pidFile, int pid, string mark) =>
        File.WriteAllTextAsync(pidFile, string.Create(CultureInfo.InvariantCulture, $"{pid}\n{mark}\n"));

    private static IEnumerable<string> PlacesOf(string folder) =>
        FilesUnder(folder, LocationFile)
            .Select(file => File.ReadLines(file).FirstOrDefault())
            .Where(place => place?.StartsWith("/var/tmp/smscrm-", StringComparison.Ordinal) == true)
            .Select(place => place!)
            .Prepend(folder)
            .ToList();

    private static List<string> FilesUnder(string folder, string pattern)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4, IgnoreInaccessible = true };
        try
        {
            return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, pattern, options)] : [];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
