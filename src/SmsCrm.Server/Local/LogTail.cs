namespace SmsCrm.Server.Local;

/// <summary>The end of a log file, for the report about a server that failed.</summary>
public static class LogTail
{
    private const int MaximumBytes = 64 * 1024;

    /// <summary>At most <paramref name="count"/> last lines out of the last 64 KB; a sentence when there is no log.</summary>
    public static string Read(string path, int count)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(-Math.Min(file.Length, MaximumBytes), SeekOrigin.End);
            using var reader = new StreamReader(file);
            var lines = reader.ReadToEnd().TrimEnd().Split('\n');
            return string.Join('\n', lines.TakeLast(count));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"(no log at {path})";
        }
    }
}
