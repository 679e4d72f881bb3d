using System.Buffers;

namespace SmsCrm.TwilioSimulator.Ledger;

/// <summary>What is written of a message when it is taken, and never changes.</summary>
internal sealed record TakenMessage
{
    public required string AccountSid { get; init; }
    public required Direction Direction { get; init; }
    public required string To { get; init; }

    /// <summary>Null when a messaging service chooses the sender later.</summary>
    public string? From { get; init; }
    public required string Body { get; init; }
    public string? ServiceSid { get; init; }

    /// <summary>With its fragment.</summary>
    public string? StatusCallback { get; init; }
    public required MessageStatus Status { get; init; }
    public required int Segments { get; init; }
    public int NumMedia { get; init; }
    public required long CreatedMs { get; init; }

    /// <summary>0 where it goes at once.</summary>
    public long SendAtMs { get; init; }
    public int ValiditySeconds { get; init; } = 36_000;

    /// <summary>What the status will be in the end; drawn when the message is taken, so that a restart changes no fate.</summary>
    public MessageStatus Fate { get; init; }
    public int FateCode { get; init; }

    public string SidPrefix => NumMedia > 0 ? "MM" : "SM";

    public void Write(IBufferWriter<byte> buffer)
    {
        var writer = new RecordWriter(buffer);
        writer.Byte((byte)Direction);
        writer.Byte((byte)Status);
        writer.Byte((byte)Fate);
        writer.Byte((byte)NumMedia);
        writer.Int32(FateCode);
        writer.Int32(Segments);
        writer.Int32(ValiditySeconds);
        writer.Int64(CreatedMs);
        writer.Int64(SendAtMs);
        writer.Text(AccountSid);
        writer.Text(To);
        writer.Text(From);
        writer.Text(Body);
        writer.Text(ServiceSid);
        writer.Text(StatusCallback);
    }

    public static TakenMessage Read(ReadOnlySpan<byte> record)
    {
        var reader = new RecordReader(record);
        var direction = (Direction)reader.Byte();
        var status = (MessageStatus)reader.Byte();
        var fate = (MessageStatus)reader.Byte();
        var numMedia = reader.Byte();
        return new TakenMessage
        {
            Direction = direction,
            Status = status,
            Fate = fate,
            NumMedia = numMedia,
            FateCode = reader.Int32(),
            Segments = reader.Int32(),
            ValiditySeconds = reader.Int32(),
            CreatedMs = reader.Int64(),
            SendAtMs = reader.Int64(),
            AccountSid = reader.Text() ?? "",
            To = reader.Text() ?? "",
            From = reader.Text(),
            Body = reader.Text() ?? "",
            ServiceSid = reader.Text(),
            StatusCallback = reader.Text(),
        };
    }
}
