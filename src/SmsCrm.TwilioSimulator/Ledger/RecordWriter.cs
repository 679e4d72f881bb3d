using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SmsCrm.TwilioSimulator.Ledger;

/// <summary>Writes the fields of a journal record, little-endian; a text is its length in bytes (0xFFFF for null) and UTF-8.</summary>
internal readonly ref struct RecordWriter(IBufferWriter<byte> buffer)
{
    public const ushort NullText = ushort.MaxValue;

    public void Byte(byte value)
    {
        buffer.GetSpan(1)[0] = value;
        buffer.Advance(1);
    }

    public void Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(buffer.GetSpan(4), value);
        buffer.Advance(4);
    }

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(buffer.GetSpan(8), value);
        buffer.Advance(8);
    }

    public void Text(string? value)
    {
        var span = buffer.GetSpan(2 + ((value?.Length ?? 0) * 3));
        var length = value is null ? 0 : Encoding.UTF8.GetBytes(value, span[2..]);
        BinaryPrimitives.WriteUInt16LittleEndian(span, value is null ? NullText : checked((ushort)length));
        buffer.Advance(2 + length);
    }
}

/// <summary>Reads what <see cref="RecordWriter"/> wrote, in the same order.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> record)
{
    private ReadOnlySpan<byte> _rest = record;

    public byte Byte() => Take(1)[0];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public string? Text()
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
        return length == RecordWriter.NullText ? null : Encoding.UTF8.GetString(Take(length));
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
