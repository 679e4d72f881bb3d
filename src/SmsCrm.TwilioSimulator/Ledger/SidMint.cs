using System.Globalization;
using SmsCrm.TwilioSimulator.Knobs;

namespace SmsCrm.TwilioSimulator.Ledger;

/// <summary>Message sids that look drawn at random and carry, under a secret of the ledger, the message's place in it: no index of
/// two million sids is needed to find one again.</summary>
internal readonly struct SidMint(ulong secret)
{
    public string Mint(string prefix, int index)
    {
        var check = Check(index);
        var mask = (ulong)(uint)index ^ Draws.Mix(check ^ secret);
        return string.Create(CultureInfo.InvariantCulture, $"{prefix}{mask:x16}{check:x16}");
    }

    /// <summary>The place that a sid carries. False for any sid that this ledger did not mint.</summary>
    public bool TryRead(ReadOnlySpan<char> sid, out int index)
    {
        index = -1;
        if (sid.Length != 34
            || !ulong.TryParse(sid[2..18], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var mask)
            || !ulong.TryParse(sid[18..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var check))
            return false;
        var place = mask ^ Draws.Mix(check ^ secret);
        if (place > int.MaxValue || Check((int)place) != check)
            return false;
        index = (int)place;
        return true;
    }

    private ulong Check(int index) => Draws.Mix(secret + ((ulong)(uint)index * 0xD1342543DE82EF95));
}
