using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SmsCrm.Pipeline.Messages;

/// <summary>A body as 64 bits: the first of its SHA-256, short links' codes left out (<see cref="LinkText.WithoutCodes"/>). Two bodies with the same are taken to be the same; of a billion none is expected to be taken wrongly.</summary>
public static class ContentHash
{
    public static long Of(string body)
    {
        body = LinkText.WithoutCodes(body);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var length = Encoding.UTF8.GetMaxByteCount(body.Length);
        Span<byte> bytes = length <= 1024 ? stackalloc byte[length] : new byte[length];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(body, bytes)], hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }
}
