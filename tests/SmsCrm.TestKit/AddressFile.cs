using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmsCrm.TestKit;

/// <summary>
/// Writes files in MaxMind's format (https://maxmind.github.io/MaxMind-DB/): a binary tree of the addresses' bits, records of 24 bits, the data, and
/// the metadata behind a marker.
/// </summary>
public sealed class AddressFile(int ipVersion = 6)
{
    private const int RecordBytes = 3;
    private static readonly byte[] Marker = [0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8];

    private readonly List<int[]> _nodes = [[0, 0]];
    private readonly List<byte> _data = [];

    /// <param name="network">Such as <c>203.0.113.0/24</c>. One that lies in another must come after it.</param>
    /// <param name="record">Of <see cref="string"/>, <see cref="uint"/> and maps.</param>
    public AddressFile Add(string network, Dictionary<string, object> record)
    {
        var (address, length) = Bits(IPNetwork.Parse(network));
        var node = 0;
        for (var i = 0; i < length - 1; i++)
        {
            var bit = Bit(address, i);
            if (_nodes[node][bit] <= 0)
            {
                // What the wider network said goes on to hold for the rest of it.
                _nodes.Add([_nodes[node][bit], _nodes[node][bit]]);
                _nodes[node][bit] = _nodes.Count - 1;
            }

            node = _nodes[node][bit];
        }

        _nodes[node][Bit(address, length - 1)] = -1 - _data.Count;
        Write(_data, record);
        return this;
    }

    /// <summary>As GeoLite2-ASN has it.</summary>
    public AddressFile AddNetwork(string network, uint number) =>
        Add(network, new() { ["autonomous_system_number"] = number, ["autonomous_system_organization"] = "Example" });

    /// <summary>As GeoLite2-Country has it.</summary>
    public AddressFile AddCountry(string network, string code) =>
        Add(network, new() { ["continent"] = new Dictionary<string, object> { ["code"] = "EU" }, ["country"] = new Dictionary<string, object> { ["iso_code"] = code } });

    public byte[] ToBytes()
    {
        var file = new List<byte>();
        Span<byte> record = stackalloc byte[4];
        foreach (var side in _nodes.SelectMany(static node => node))
        {
            // A node, nothing (the number of nodes), or data behind the 16 zeros.
            BinaryPrimitives.WriteInt32BigEndian(record, side > 0 ? side : side == 0 ? _nodes.Count : _nodes.Count + 16 - 1 - side);
            file.AddRange(record[^RecordBytes..]);
        }

        file.AddRange(new byte[16]);
        file.AddRange(_data);
        file.AddRange(Marker);
        Write(file, new Dictionary<string, object>
        {
            ["node_count"] = (uint)_nodes.Count,
            ["record_size"] = (ushort)(RecordBytes * 8),
            ["ip_version"] = (ushort)ipVersion,
            ["database_type"] = "Test",
            ["languages"] = Array.Empty<string>(),
            ["binary_format_major_version"] = (ushort)2,
            ["binary_format_minor_version"] = (ushort)0,
            ["build_epoch"] = 1_700_000_000UL,
            ["description"] = new Dictionary<string, object>(),
        });
        return [.. file];
    }

    /// <summary>Written beside and moved into place, as one replaces such a file.</summary>
    public string WriteTo(string path)
    {
        File.WriteAllBytes(path + ".new", ToBytes());
        File.Move(path + ".new", path, overwrite: true);
        return path;
    }

    /// <summary>In a database of both, IPv4 addresses stand at ::/96.</summary>
    private (byte[] Address, int Length) Bits(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        return ipVersion == 6 && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork
            ? ([.. new byte[12], .. bytes], network.PrefixLength + 96)
            : (bytes, network.PrefixLength);
    }

    private static int Bit(byte[] address, int i) => (address[i / 8] >> (7 - (i % 8))) & 1;

    private static void Write(List<byte> to, object value)
    {
        switch (value)
        {
            case string text:
                Head(to, 2, Encoding.UTF8.GetByteCount(text));
                to.AddRange(Encoding.UTF8.GetBytes(text));
                break;
            case ushort number:
                Write(to, 5, number, 2);
                break;
            case uint number:
                Write(to, 6, number, 4);
                break;
            case ulong number:
                Write(to, 9, number, 8);
                break;
            case Dictionary<string, object> map:
                Head(to, 7, map.Count);
                foreach (var (key, entry) in map)
                {
                    Write(to, key);
                    Write(to, entry);
                }

                break;
            case string[] texts:
                Head(to, 11, texts.Length);
                Array.ForEach(texts, text => Write(to, text));
                break;
            default:
                throw new ArgumentException($"No field of such a file is a {value.GetType()}", nameof(value));
        }
    }

    private static void Write(List<byte> to, int type, ulong number, int bytes)
    {
        Span<byte> all = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(all, number);
        Head(to, type, bytes);
        to.AddRange(all[^bytes..]);
    }

    private static void Head(List<byte> to, int type, int size)
    {
        var (sizeBits, more) = size < 29 ? (size, -1) : (29, size - 29);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(more, byte.MaxValue);
        to.Add((byte)(((type <= 7 ? type : 0) << 5) | sizeBits));
        if (type > 7)
        {
            to.Add((byte)(type - 7));
        }

        if (more >= 0)
        {
            to.Add((byte)more);
        }
    }
}
