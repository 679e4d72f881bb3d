using System.Net;

namespace SmsCrm.Pipeline.Links;

/// <summary>
/// A token bucket for each client address (IPv6: for each /64), in memory that never grows: addresses are hashed, under a key of this
/// process, into a fixed number of buckets. Two that meet in one share it, which a chance of 1 in 65,536 brings.
/// </summary>
/// <param name="burst">What a rested bucket holds.</param>
/// <param name="perMinute">What comes back in a minute.</param>
internal sealed class AddressBuckets(int burst, int perMinute, TimeProvider clock)
{
    private const int Buckets = 1 << 16;

    private readonly AddressHash _hash = new();
    private readonly Bucket[] _buckets = new Bucket[Buckets];
    private readonly Lock _lock = new();
    private readonly long _startedAt = clock.GetTimestamp();

    /// <summary>Whether the address has something left. Takes nothing.</summary>
    public bool HasRoom(IPAddress? address)
    {
        lock (_lock)
        {
            return Left_NeedsLock(Slot(address), Now) >= 1;
        }
    }

    /// <summary>Takes one; false where nothing was left.</summary>
    public bool Take(IPAddress? address)
    {
        lock (_lock)
        {
            var (slot, now) = (Slot(address), Now);
            var left = Left_NeedsLock(slot, now);
            _buckets[slot] = new Bucket(burst - (left >= 1 ? left - 1 : left), now);
            return left >= 1;
        }
    }

    private double Now => clock.GetElapsedTime(_startedAt).TotalMinutes;

    private double Left_NeedsLock(int slot, double now) =>
        Math.Min(burst, burst - _buckets[slot].Taken + ((now - _buckets[slot].AtMinutes) * perMinute));

    private int Slot(IPAddress? address) => (int)(_hash.Of(address) % Buckets);

    /// <summary>Kept as what was taken, so that a bucket nobody used is full.</summary>
    private readonly record struct Bucket(double Taken, double AtMinutes);
}
