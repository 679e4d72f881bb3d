using System.Buffers;
using System.Buffers.Binary;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator.Ledger;

internal sealed partial class MessageLedger
{
    /// <summary>Moves a message on, unless it is final or gone. A status with a callback is owed one from then on.</summary>
    public bool Advance(int index, MessageStatus status, int errorCode, long nowMs, Sender? sender = null)
    {
        lock (_gate)
        {
            return index < _table.Count && !_table[index].Status.IsFinal()
                && Change_NeedsLock(index, status, errorCode, nowMs, sender);
        }
    }

    /// <summary>Cancels a message that is still scheduled.</summary>
    public bool TryCancel(int index, long nowMs)
    {
        lock (_gate)
        {
            return _table[index].Status == MessageStatus.Scheduled
                && Change_NeedsLock(index, MessageStatus.Canceled, 0, nowMs, sender: null);
        }
    }

    /// <summary>Nothing more is owed for this status: its callback was answered, given up or lost on purpose.</summary>
    public void SettleCallback(int index, MessageStatus status)
    {
        lock (_gate)
        {
            if (index >= _table.Count)
                return;
            ref var entry = ref _table[index];
            entry.OwedCallbacks &= (ushort)~(1 << (int)status);
            AppendMark_NeedsLock(RecordKind.CallbackSettled, index, (byte)status);
        }
    }

    public void Redact(int index, long nowMs) => Mark(index, RecordKind.Redacted, EntryFlags.Redacted, nowMs);

    public void Delete(int index, long nowMs) => Mark(index, RecordKind.Deleted, EntryFlags.Deleted, nowMs);

    private bool Change_NeedsLock(int index, MessageStatus status, int errorCode, long nowMs, Sender? sender)
    {
        var record = s_record ??= new ArrayBufferWriter<byte>(4096);
        record.ResetWrittenCount();
        new StatusRecord(index, status, errorCode, nowMs, sender?.Name).Write(record);
        _journal.Append(RecordKind.StatusChanged, record.WrittenSpan);
        Apply_NeedsLock(index, status, errorCode, nowMs, sender);
        return true;
    }

    private void Mark(int index, RecordKind kind, EntryFlags flag, long nowMs)
    {
        lock (_gate)
        {
            _table[index].Flags |= flag;
            _table[index].UpdatedMs = nowMs;
            AppendMark_NeedsLock(kind, index, 0);
            _journal.Flush();
        }
    }

    private void AppendMark_NeedsLock(RecordKind kind, int index, byte detail)
    {
        Span<byte> payload = stackalloc byte[5];
        BinaryPrimitives.WriteInt32LittleEndian(payload, index);
        payload[4] = detail;
        _journal.Append(kind, payload);
    }

    private void Apply_NeedsLock(int index, MessageStatus status, int errorCode, long nowMs, Sender? sender)
    {
        ref var entry = ref _table[index];
        _table.SetStatus(ref entry, status);
        entry.UpdatedMs = nowMs;
        entry.ErrorCode = errorCode;
        if (status == MessageStatus.Sent)
            entry.SentMs = nowMs;
        if (sender is not null)
            entry.Sender = sender.Number;
        if (entry.Has(EntryFlags.HasCallback))
            entry.OwedCallbacks |= (ushort)(1 << (int)status);
    }
}
