using Microsoft.Win32.SafeHandles;

namespace SmsCrm.TwilioSimulator.Ledger;

/// <summary>Reads a file forwards in large pieces.</summary>
internal sealed class JournalWindow(SafeFileHandle file, long length)
{
    private readonly byte[] _window = new byte[1 << 20];
    private long _start;
    private int _filled;

    /// <summary>False when fewer than <paramref name="count"/> bytes follow.</summary>
    public bool TryRead(long offset, int count, byte[] target)
    {
        if (offset + count > length)
            return false;
        if (offset < _start || offset + count > _start + _filled)
        {
            _start = offset;
            _filled = 0;
            while (_filled < _window.Length)
            {
                var read = RandomAccess.Read(file, _window.AsSpan(_filled), _start + _filled);
                if (read == 0)
                    break;
                _filled += read;
            }
        }
        if (offset + count > _start + _filled)
            return false;
        _window.AsSpan((int)(offset - _start), count).CopyTo(target);
        return true;
    }
}
