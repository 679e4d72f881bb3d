using System.Net;
using Microsoft.Extensions.Logging;

namespace SmsCrm.Pipeline.Links;

/// <summary>
/// A database whose file may be replaced while it is used. What replaces it must be usable, else the one in memory stays. One thread refreshes, any ask.
/// </summary>
/// <param name="setting">That names the file.</param>
internal sealed class WatchedDatabase<T>(string setting, string path, Func<string, AddressDatabase<T>> open, ILogger logger) : IDisposable
{
    private readonly Lock _lock = new();
    private AddressDatabase<T>? _loaded;
    private Stamp _of;
    private Stamp? _refused;
    private bool _hasComplained;

    /// <summary>Loads the file if it is another than the one in memory.</summary>
    public void Refresh()
    {
        // Taken before the file is read: what is written meanwhile is found in the next round.
        var stamp = Stamp.Of(path);
        if (_loaded is not null && stamp == _of)
        {
            return;
        }

        try
        {
            Use(open(path));
            (_of, _refused) = (stamp, null);
        }
        catch (InvalidDataException unusable)
        {
            // A file that stays as it is, is told once.
            if (_refused != stamp)
            {
                Log.DatabaseRefused(logger, setting, path, unusable.Message, _loaded is null ? "nothing is known by it" : "the one that was loaded before is kept");
            }

            _refused = stamp;
        }
    }

    /// <returns>The default: nothing is known of it.</returns>
    public T? Find(IPAddress address)
    {
        lock (_lock)
        {
            try
            {
                return _loaded is null ? default : _loaded.Find(address);
            }
            catch (Exception broken) when (broken is not OutOfMemoryException)
            {
                // Some bytes of it are wrong: no reason to lose a hit.
                if (!_hasComplained)
                {
                    Log.DatabaseBroken(logger, setting, path, broken.Message);
                }

                _hasComplained = true;
                return default;
            }
        }
    }

    public void Dispose() => _loaded?.Dispose();

    private void Use(AddressDatabase<T> fresh)
    {
        lock (_lock)
        {
            _loaded?.Dispose();
            (_loaded, _hasComplained) = (fresh, false);
        }

        Log.DatabaseLoaded(logger, setting, path, fresh.BuiltAt);
    }

    /// <summary>By which a file is told from the one before. A file that is not there has the default.</summary>
    private readonly record struct Stamp(DateTime WrittenAt, long Length)
    {
        public static Stamp Of(string path) => new FileInfo(path) is { Exists: true } file ? new Stamp(file.LastWriteTimeUtc, file.Length) : default;
    }
}
