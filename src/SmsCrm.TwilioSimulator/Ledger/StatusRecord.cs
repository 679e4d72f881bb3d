using System.Buffers;

namespace SmsCrm.TwilioSimulator.Ledger;

/// <summary>A change of status in the journal.</summary>
/// <param name="Sender">The sender that a messaging service chose with this change; null where it chose none.</param>
internal readonly record struct StatusRecord(int Index, MessageStatus Status, int ErrorCode, long AtMs, string? Sender)
{
    public void Write(IBufferWriter<byte> buffer)
    {
        var writer = new RecordWriter(buffer);
        writer.Int32(Index);
        writer.Byte((byte)Status);
        writer.Int32(ErrorCode);
        writer.Int64(AtMs);
        writer.Text(Sender);
    }

    public static StatusRecord Read(ReadOnlySpan<byte> record)
    {
        var reader = new RecordReader(record);
        return new StatusRecord(reader.Int32(), (MessageStatus)reader.Byte(), reader.Int32(), reader.Int64(), reader.Text());
    }
}

/// <summary>An account in the journal: those that the control API added.</summary>
internal static class AccountRecord
{
    public static void Write(IBufferWriter<byte> buffer, SimulatedAccount account)
    {
        var writer = new RecordWriter(buffer);
        writer.Text(account.Sid);
        writer.Text(account.AuthToken);
        writer.Byte(account.TestCredentials ? (byte)1 : (byte)0);
        writer.Int32(account.ApiKeys.Count);
        foreach (var (key, secret) in account.ApiKeys)
        {
            writer.Text(key);
            writer.Text(secret);
        }
        writer.Int32(account.Senders.Count);
        foreach (var sender in account.Senders)
            writer.Text(sender);
    }

    public static SimulatedAccount Read(ReadOnlySpan<byte> record)
    {
        var reader = new RecordReader(record);
        var (sid, token, isTest) = (reader.Text() ?? "", reader.Text() ?? "", reader.Byte() == 1);
        var keys = new Dictionary<string, string>();
        for (var left = reader.Int32(); left > 0; left--)
            keys[reader.Text() ?? ""] = reader.Text() ?? "";
        var senders = new List<string>();
        for (var left = reader.Int32(); left > 0; left--)
            senders.Add(reader.Text() ?? "");
        return new SimulatedAccount(sid, token) { TestCredentials = isTest, ApiKeys = keys, Senders = senders };
    }
}
