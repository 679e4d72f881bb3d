using System.Buffers.Binary;
using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator.Ledger;

internal sealed partial class MessageLedger
{
    /// <summary>Opens the journal and reads it again from its beginning.</summary>
    /// <param name="cutOff">Bytes at its end that a killed process left unfinished, and that are gone now.</param>
    public static MessageLedger Open(
        string? path, AccountBook accounts, SenderBook senders, string messageIdParameter, out long cutOff)
    {
        var journal = Journal.Open(path);
        try
        {
            var ledger = new MessageLedger(journal, accounts, senders, messageIdParameter);
            cutOff = journal.Replay(ledger.Restore);
            return ledger;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>What a restart has to take up: every message that is not final, or that is owed a callback.</summary>
    public IEnumerable<int> Unfinished()
    {
        for (var index = 0; index < _table.Count; index++)
        {
            if (!_table[index].Status.IsFinal() || _table[index].OwedCallbacks != 0)
                yield return index;
        }
    }

    /// <summary>Forgets every message; their sids are unknown from then on.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _journal.Clear();
            _table = new MessageTable();
            _mint = new SidMint(_journal.Secret);
        }
    }

    private void Restore(long offset, RecordKind kind, ReadOnlySpan<byte> payload)
    {
        switch (kind)
        {
            case RecordKind.Taken:
                var message = TakenMessage.Read(payload);
                var account = _accounts.OfLedger(message.AccountSid);
                var sender = message.From is null || message.Direction == Direction.Inbound ? null : _senders.Find(account.Number, message.From);
                var entry = EntryOf(message, account.Number, sender?.Number ?? MessageTable.None);
                entry.Offset = offset;
                _table.Add(entry);
                break;
            case RecordKind.StatusChanged:
                var change = StatusRecord.Read(payload);
                var chosen = change.Sender is null ? null : _senders.Find(_table[change.Index].Account, change.Sender);
                Apply_NeedsLock(change.Index, change.Status, change.ErrorCode, change.AtMs, chosen);
                break;
            case RecordKind.AccountAdded:
                _accounts.Put(AccountRecord.Read(payload));
                break;
            case RecordKind.CallbackSettled:
                _table[BinaryPrimitives.ReadInt32LittleEndian(payload)].OwedCallbacks &= (ushort)~(1 << payload[4]);
                break;
            case RecordKind.Redacted:
                _table[BinaryPrimitives.ReadInt32LittleEndian(payload)].Flags |= EntryFlags.Redacted;
                break;
            case RecordKind.Deleted:
                _table[BinaryPrimitives.ReadInt32LittleEndian(payload)].Flags |= EntryFlags.Deleted;
                break;
        }
    }
}
