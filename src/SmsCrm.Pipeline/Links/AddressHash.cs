using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;

namespace SmsCrm.Pipeline.Links;

/// <summary>Client addresses (IPv6: their /64) as numbers, under a key of this process: nobody can choose addresses that meet, and none is kept.</summary>
internal sealed class AddressHash
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(16);

    /// <param name="address">Null: one that is not known, which is one like any other.</param>
    public ulong Of(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[_key.Length + 16];
        _key.CopyTo(bytes);
        var written = 0;
        if (address is not null)
        {
            (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).TryWriteBytes(bytes[_key.Length..], out written);
            if (written == 16)
            {
                written = 8;
            }
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..(_key.Length + written)], hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
