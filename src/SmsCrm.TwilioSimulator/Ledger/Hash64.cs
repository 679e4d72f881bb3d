using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using SmsCrm.TwilioSimulator.Knobs;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator.Ledger;

/// <summary>64-bit fingerprints, the same in every process: with two million texts the chance that any two different ones share
/// theirs is below one in a million.</summary>
internal static class Hash64
{
    public static ulong Of(ReadOnlySpan<char> text)
    {
        var bytes = MemoryMarshal.AsBytes(text);
        var hash = 0x2545F4914F6CDD1DUL ^ (ulong)bytes.Length;
        while (bytes.Length >= 8)
        {
            hash = Round(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }
        ulong tail = 0;
        for (var i = 0; i < bytes.Length; i++)
            tail |= (ulong)bytes[i] << (8 * i);
        return Draws.Mix(Round(hash, tail));
    }

    /// <summary>A number's own digits where it is E.164, so that numbers never share one; else the text's fingerprint.</summary>
    public static ulong OfAddress(ReadOnlySpan<char> address) => Address.IsE164(address)
        ? ulong.Parse(address[1..], NumberStyles.None, CultureInfo.InvariantCulture) | (1UL << 63)
        : Of(address) & ~(1UL << 63);

    private static ulong Round(ulong hash, ulong value) => BitOperations.RotateLeft(hash ^ (value * 0x9E3779B97F4A7C15), 29) * 0xBF58476D1CE4E5B9;
}
