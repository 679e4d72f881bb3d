using System.Buffers.Binary;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Pacing;

/// <summary>
/// Picks a sender of a pool for a recipient: always the same one while the pool has it, so that a conversation stays with one
/// number; and when a sender comes or goes, only its own recipients move (highest random weight). Each has its share by weight (weighted
/// rendezvous hashing: Schindelhauer and Schomaker, 2005).
/// </summary>
internal static class SenderChoice
{
    /// <summary>The index of the chosen one; the pool has at least one.</summary>
    /// <param name="weightOf">1 or more.</param>
    public static int Of<T>(IReadOnlyList<T> pool, Func<T, Guid> idOf, Func<T, int> weightOf, PhoneNumber recipient)
    {
        var best = 0;
        var bestScore = double.NegativeInfinity;
        for (var i = 0; i < pool.Count; i++)
        {
            var score = -weightOf(pool[i]) / Math.Log(Unit(Mix(LastHalf(idOf(pool[i])) ^ Mix((ulong)recipient.Digits))));
            if (score > bestScore)
            {
                best = i;
                bestScore = score;
            }
        }

        return best;
    }

    /// <summary>Between 0 and 1, neither of them.</summary>
    private static double Unit(ulong value) => ((value >> 11) + 0.5) / (1UL << 53);

    /// <summary>The random half of a UUIDv7.</summary>
    private static ulong LastHalf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): every bit of the input moves every bit of the output.</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
