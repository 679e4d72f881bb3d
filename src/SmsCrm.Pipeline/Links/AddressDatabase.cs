using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using MaxMind.Db;

namespace SmsCrm.Pipeline.Links;

/// <summary>
/// A file in MaxMind's format (.mmdb), whole in memory, so that whatever happens to the file on disk changes nothing. Safe for many threads.
/// </summary>
/// <typeparam name="T">What it is asked for; its default: nothing is known of the address.</typeparam>
internal sealed class AddressDatabase<T> : IDisposable
{
    /// <summary>Records that are looked at for the field; a database of another kind has it in none.</summary>
    private const int Probed = 1_000;

    private readonly Reader _reader;
    private readonly Func<Dictionary<string, object>, T?> _read;

    private AddressDatabase(Reader reader, Func<Dictionary<string, object>, T?> read)
    {
        _reader = reader;
        _read = read;
    }

    public DateTime BuiltAt => _reader.Metadata.BuildDate;

    /// <param name="fields">What <paramref name="read"/> looks for, as the error says it.</param>
    /// <exception cref="InvalidDataException">The file can't be used; the message says why, as the end of a sentence.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The database disposes of it.")]
    public static AddressDatabase<T> Open(string path, string fields, Func<Dictionary<string, object>, T?> read)
    {
        AddressDatabase<T>? database = null;
        try
        {
            database = new AddressDatabase<T>(new Reader(path, FileAccessMode.Memory), read);
            return database.KnowsSomething()
                ? database
                : throw new InvalidDataException($"it has no {fields} in its first {Probed:N0} records ({database._reader.Metadata.DatabaseType})");
        }
        catch (Exception unusable)
        {
            database?.Dispose();
            throw unusable switch
            {
                InvalidDataException => unusable,
                FileNotFoundException or DirectoryNotFoundException => new InvalidDataException("there is no such file", unusable),
                IOException or UnauthorizedAccessException => new InvalidDataException($"it can't be read ({unusable.Message})", unusable),
                OutOfMemoryException => unusable,

                // Whatever a reader of numbers and offsets makes of other bytes.
                _ => new InvalidDataException($"it is no MaxMind-format database ({unusable.Message})", unusable),
            };
        }
    }

    /// <returns>The default: the database says nothing of it.</returns>
    public T? Find(IPAddress address)
    {
        // In a database of IPv4 alone an IPv6 address is an error to the reader.
        var asked = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return asked.AddressFamily == AddressFamily.InterNetworkV6 && _reader.Metadata.IPVersion == 4
            ? default
            : _reader.Find<Dictionary<string, object>>(asked) is { } found ? _read(found) : default;
    }

    public void Dispose() => _reader.Dispose();

    private bool KnowsSomething() => _reader.FindAll<Dictionary<string, object>>().Take(Probed)
        .Any(node => !EqualityComparer<T?>.Default.Equals(_read(node.Data), default));
}
