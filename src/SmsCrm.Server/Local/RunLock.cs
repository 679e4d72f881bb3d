namespace SmsCrm.Server.Local;

/// <summary>Held while a run uses its folder; the system frees it with the process, however that ends.</summary>
internal static class RunLock
{
    /// <exception cref="LocalServerException">Another run holds it.</exception>
    public static IDisposable Take(string folder)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "run.lock");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new LocalServerException($"Another run of this checkout is up (it holds {file}): end it first", e);
        }
    }
}
