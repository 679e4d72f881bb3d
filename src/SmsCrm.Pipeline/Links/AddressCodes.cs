using System.Net;

namespace SmsCrm.Pipeline.Links;

/// <summary>
/// Which codes each client address (IPv6: each /64) followed within the last minute, in memory that never grows: addresses are hashed into a fixed
/// number of slots, each with room for so many codes. Where that is full the oldest is forgotten, so that a crowd hides somebody, and accuses nobody.
/// </summary>
/// <param name="most">Different codes of one address within a minute that are nothing unusual.</param>
internal sealed class AddressCodes(int most, TimeProvider clock)
{
    private const int Slots = 1 << 14;

    /// <summary>Beyond what one address is judged by: those of others that meet it in its slot.</summary>
    private const int Others = 16;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly int _room = most + 1 + Others;
    private readonly AddressHash _hash = new();
    private readonly List<Followed>?[] _slots = new List<Followed>?[Slots];
    private readonly Lock _lock = new();
    private readonly long _startedAt = clock.GetTimestamp();

    /// <returns>Whether the address has followed, with this one, too many different codes within the last minute for one person.</returns>
    public bool AreMany(IPAddress? address, string code)
    {
        if (address is null)
        {
            // Whose address is not known is not one with all others of whom it is not.
            return false;
        }

        var (of, now) = (_hash.Of(address), clock.GetElapsedTime(_startedAt));
        var followed = new Followed(of, string.GetHashCode(code, StringComparison.Ordinal), now);
        lock (_lock)
        {
            var slot = _slots[of % Slots] ??= [];
            Forget_NeedsLock(slot, followed);
            slot.Add(followed);
            return slot.Count(other => other.Address == of) > most;
        }
    }

    /// <summary>What is over, the same code's last time, and the oldest where there is no room. The newest stands last.</summary>
    private void Forget_NeedsLock(List<Followed> slot, Followed followed)
    {
        slot.RemoveAll(other => followed.At - other.At >= Window || (other.Address == followed.Address && other.Code == followed.Code));
        if (slot.Count == _room)
        {
            slot.RemoveAt(0);
        }
    }

    private readonly record struct Followed(ulong Address, int Code, TimeSpan At);
}
