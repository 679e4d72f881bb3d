using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace SmsCrm.TwilioSimulator.Ledger;

/// <summary>What a journal record says. The numbers are in the file: none is ever reused.</summary>
internal enum RecordKind : byte
{
    Taken = 1, StatusChanged = 2, CallbackSettled = 3, Redacted = 4, Deleted = 5, AccountAdded = 6,
}

/// <summary>
/// An append-only file of records, each with its length and checksum. <see cref="Flush"/> hands what was appended to the system in
/// one write: from then on it survives the end of this process, kill -9 included (not the machine's). A record that was cut off by
/// such an end is the last one, and is dropped at the next start. Not thread-safe: the ledger's lock guards it.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const int HeaderLength = 16;
    private const int FrameLength = 8;
    private const int BufferLength = 1 << 20;
    private const int LongestRecord = 1 << 18;
    private static readonly byte[] Magic = "SMSSIM01"u8.ToArray();

    private readonly SafeFileHandle _file;
    private readonly SafeFileHandle? _lock;
    private readonly byte[] _buffer = new byte[BufferLength];
    private int _buffered;
    private long _written;

    private Journal(SafeFileHandle file, SafeFileHandle? fileLock)
    {
        _file = file;
        _lock = fileLock;
    }

    /// <summary>Drawn when the file was made or emptied; the sids are made with it.</summary>
    public ulong Secret { get; private set; }

    /// <summary>Opens or makes the file.</summary>
    /// <param name="path">Null for a temporary file that goes with the handle.</param>
    /// <exception cref="IOException">Another simulator has it.</exception>
    /// <exception cref="InvalidDataException">The file is something else.</exception>
    public static Journal Open(string? path)
    {
        var options = path is null ? FileOptions.DeleteOnClose : FileOptions.None;
        SafeFileHandle? fileLock = null;
        if (path is null)
        {
            path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".simulator");
        }
        else
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
                Directory.CreateDirectory(folder);
            // A file beside it is locked, so that the journal itself can be copied and read while it is written.
            fileLock = File.OpenHandle(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        var journal = new Journal(
            File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, options), fileLock);
        try
        {
            journal.ReadHeader(path);
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Adds a record to what the next <see cref="Flush"/> writes.</summary>
    /// <returns>Where in the file it will be.</returns>
    public long Append(RecordKind kind, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > LongestRecord)
            throw new ArgumentException($"A record of {payload.Length} bytes is longer than {LongestRecord}.", nameof(payload));
        if (_buffered + FrameLength + payload.Length > BufferLength)
            Flush();
        var offset = _written + _buffered;
        var frame = _buffer.AsSpan(_buffered);
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)payload.Length | ((uint)kind << 24));
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Checksum(kind, payload));
        payload.CopyTo(frame[FrameLength..]);
        _buffered += FrameLength + payload.Length;
        return offset;
    }

    /// <summary>Writes what was appended. When that fails, it stays to be written next time.</summary>
    public void Flush()
    {
        if (_buffered == 0)
            return;
        RandomAccess.Write(_file, _buffer.AsSpan(0, _buffered), _written);
        _written += _buffered;
        _buffered = 0;
    }

    /// <summary>Takes back the last record, which a failed <see cref="Flush"/> left.</summary>
    public void Withdraw(long offset) => _buffered = (int)(offset - _written);

    /// <summary>Every record in order, the good ones; what follows the last good one is cut off.</summary>
    /// <returns>How many bytes were cut off.</returns>
    public long Replay(RecordVisitor visit)
    {
        var length = RandomAccess.GetLength(_file);
        var buffer = new byte[FrameLength + LongestRecord];
        var chunk = new JournalWindow(_file, length);
        var offset = (long)HeaderLength;
        while (chunk.TryRead(offset, FrameLength, buffer))
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(buffer);
            var checksum = BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(4));
            var (kind, size) = ((RecordKind)(word >> 24), (int)(word & 0xFFFFFF));
            if (size > LongestRecord || !chunk.TryRead(offset + FrameLength, size, buffer) || Checksum(kind, buffer.AsSpan(0, size)) != checksum)
                break;
            visit(offset, kind, buffer.AsSpan(0, size));
            offset += FrameLength + size;
        }
        _written = offset;
        if (offset < length)
            RandomAccess.SetLength(_file, offset);
        return length - offset;
    }

    /// <summary>The payload of the record at a place that <see cref="Append"/> or <see cref="Replay"/> told.</summary>
    public byte[] ReadAt(long offset)
    {
        if (offset >= _written)
            Flush();
        Span<byte> frame = stackalloc byte[FrameLength];
        RandomAccess.Read(_file, frame, offset);
        var payload = new byte[BinaryPrimitives.ReadUInt32LittleEndian(frame) & 0xFFFFFF];
        RandomAccess.Read(_file, payload, offset + FrameLength);
        return payload;
    }

    /// <summary>Forgets everything: an empty file with a new secret.</summary>
    public void Clear()
    {
        _buffered = 0;
        RandomAccess.SetLength(_file, 0);
        WriteHeader();
    }

    public void Dispose()
    {
        _file.Dispose();
        _lock?.Dispose();
    }

    private void ReadHeader(string path)
    {
        if (RandomAccess.GetLength(_file) < HeaderLength)
        {
            WriteHeader();
            return;
        }
        Span<byte> header = stackalloc byte[HeaderLength];
        RandomAccess.Read(_file, header, 0);
        if (!header.StartsWith(Magic))
            throw new InvalidDataException($"'{path}' is no ledger of the simulator: give another path, or move the file away.");
        Secret = BinaryPrimitives.ReadUInt64LittleEndian(header[Magic.Length..]);
        _written = HeaderLength;
    }

    private void WriteHeader()
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        Magic.CopyTo(header);
        RandomNumberGenerator.Fill(header[Magic.Length..]);
        RandomAccess.SetLength(_file, 0);
        RandomAccess.Write(_file, header, 0);
        Secret = BinaryPrimitives.ReadUInt64LittleEndian(header[Magic.Length..]);
        _written = HeaderLength;
    }

    private static uint Checksum(RecordKind kind, ReadOnlySpan<byte> payload)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, (byte)kind);
        for (; payload.Length >= 8; payload = payload[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(payload));
        foreach (var b in payload)
            crc = BitOperations.Crc32C(crc, b);
        return crc;
    }
}

/// <summary>Meets one record of a journal.</summary>
internal delegate void RecordVisitor(long offset, RecordKind kind, ReadOnlySpan<byte> payload);
