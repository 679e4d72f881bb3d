using System.Buffers;
using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator.Ledger;

/// <summary>Every message that was taken: in memory what is searched by, in the journal everything. A message is in the journal's
/// file before <see cref="Take"/> returns, so an answer never goes out for one that a kill -9 could take away.</summary>
internal sealed partial class MessageLedger : IDisposable
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_record;

    private readonly Lock _gate = new();
    private readonly Journal _journal;
    private readonly AccountBook _accounts;
    private readonly SenderBook _senders;
    private readonly string _messageIdParameter;
    private MessageTable _table = new();
    private SidMint _mint;

    private MessageLedger(Journal journal, AccountBook accounts, SenderBook senders, string messageIdParameter)
    {
        _journal = journal;
        _accounts = accounts;
        _senders = senders;
        _messageIdParameter = messageIdParameter;
        _mint = new SidMint(journal.Secret);
    }

    /// <summary>Writes a message and then, in one step, makes it known.</summary>
    /// <exception cref="IOException">The journal can't be written; the message was not taken.</exception>
    public MessageView Take(TakenMessage message, Account account, Sender? sender)
    {
        var record = s_record ??= new ArrayBufferWriter<byte>(4096);
        record.ResetWrittenCount();
        message.Write(record);
        var entry = EntryOf(message, account.Number, sender?.Number ?? MessageTable.None);
        lock (_gate)
        {
            entry.Offset = _journal.Append(RecordKind.Taken, record.WrittenSpan);
            try
            {
                _journal.Flush();
            }
            catch
            {
                _journal.Withdraw(entry.Offset);
                throw;
            }
            var index = _table.Add(entry);
            return new MessageView(index, _mint.Mint(message.SidPrefix, index), message, message.Status)
            {
                From = message.From,
                Body = message.Body,
                UpdatedMs = message.CreatedMs,
                SentMs = entry.SentMs,
            };
        }
    }

    /// <summary>A message of test credentials: it looks like any other and is nowhere.</summary>
    public MessageView Unrecorded(TakenMessage message, int number) =>
        new(MessageTable.None, _mint.Mint(message.SidPrefix, int.MaxValue - number), message, message.Status)
        {
            From = message.From,
            Body = message.Body,
            UpdatedMs = message.CreatedMs,
        };

    /// <summary>Writes an account that was added while running, so that a restart knows it.</summary>
    public void RecordAccount(SimulatedAccount account)
    {
        lock (_gate)
        {
            var record = new ArrayBufferWriter<byte>();
            AccountRecord.Write(record, account);
            _journal.Append(RecordKind.AccountAdded, record.WrittenSpan);
            _journal.Flush();
        }
    }

    /// <summary>Hands status changes to the system that no later message has handed over yet.</summary>
    public void Flush()
    {
        lock (_gate)
            _journal.Flush();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            try
            {
                _journal.Flush();
            }
            finally
            {
                _journal.Dispose();
            }
        }
    }

    private MessageEntry EntryOf(TakenMessage message, int account, int sender)
    {
        var to = Hash64.OfAddress(message.To);
        var ownId = CallbackTarget.QueryValue(message.StatusCallback, _messageIdParameter);
        var flags = EntryFlags.None;
        if (message.Direction == Direction.Inbound)
            flags |= EntryFlags.Inbound;
        if (message.NumMedia > 0)
            flags |= EntryFlags.IsMedia;
        if (!string.IsNullOrEmpty(message.StatusCallback))
            flags |= EntryFlags.HasCallback;
        return new MessageEntry
        {
            CreatedMs = message.CreatedMs,
            UpdatedMs = message.CreatedMs,
            SentMs = message.Direction == Direction.Inbound ? message.CreatedMs : 0,
            To = to,
            Pair = Hash64.Of(message.Body) ^ Knobs.Draws.Mix(to),
            OwnId = ownId.IsEmpty ? 0 : Hash64.Of(ownId),
            Account = account,
            Sender = sender,
            Status = message.Status,
            Flags = flags,
            // Of an inbound text the receiving itself is called back; of others only what comes after their first status.
            OwedCallbacks = flags == (EntryFlags.Inbound | EntryFlags.HasCallback) ? (ushort)(1 << (int)MessageStatus.Received) : (ushort)0,
        };
    }
}
