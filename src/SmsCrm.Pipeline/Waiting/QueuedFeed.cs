using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Streams;

namespace SmsCrm.Pipeline.Waiting;

/// <summary>
/// On a broker that is not durable: feeds <c>queued</c> rows that nobody has taken up in time, by a scan by key from a
/// low-water id. What the broker forgot comes back by itself; what it brings as well is a replay.
/// </summary>
internal sealed class QueuedFeed(WaitingReads reads, Releaser releaser, GivenOut givenOut, WaitingOptions options, IOptions<KafkaOptions> kafka)
{
    private const int DefaultAfterMs = 30_000;

    /// <summary>How long after it was minted an id's first row may appear: nothing below that is new.</summary>
    private static readonly TimeSpan LateRows = TimeSpan.FromMinutes(2);

    // The lowest UUIDv7: the first scan goes over every row that is kept.
    private MessageId _from = new(new Guid("00000000-0000-7000-8000-000000000000"));

    private int AfterMs => options.FeedQueuedAfterMs ?? (kafka.Value.Durable ? 0 : DefaultAfterMs);

    public async Task FeedAsync(CancellationToken cancellation)
    {
        var room = Math.Min(options.ReadAtOnce, options.GivenOut - givenOut.Count);
        if (AfterMs == 0 || room <= 0)
        {
            return;
        }

        var most = room + givenOut.Of(default);
        var (rows, bound) = await reads.QueuedAsync(_from, TimeSpan.FromMilliseconds(AfterMs), most, cancellation).ConfigureAwait(false);
        foreach (var row in rows)
        {
            await releaser.GiveAsync(row, default, cancellation).ConfigureAwait(false);
        }

        var settledUpTo = rows.Count > 0 ? rows[0].Id : bound;
        var late = Floor(bound.AcceptedAt - LateRows);
        _from = settledUpTo.CompareTo(late) < 0 ? settledUpTo : late;
    }

    private static MessageId Floor(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, time.ToUnixTimeMilliseconds() << 16);
        bytes[6] = 0x70;
        bytes[8] = 0x80;
        return new MessageId(new Guid(bytes, bigEndian: true));
    }
}
