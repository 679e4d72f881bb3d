using System.Globalization;
using Google.Protobuf;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Receipts;

/// <summary>Reads records of <c>sms.events</c>.</summary>
internal static class ReceiptReader
{
    /// <exception cref="FormatException">The record can't be used; the message names the field.</exception>
    public static ReceiptEntry Read(ReadOnlySpan<byte> value)
    {
        EventRecord record;
        try
        {
            record = EventRecord.Parser.ParseFrom(value);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new FormatException($"not an EventRecord: {e.Message}", e);
        }

        return record.EventCase switch
        {
            EventRecord.EventOneofCase.Status => Read(record.Status),
            _ => throw new FormatException("event: it is of a kind that this version does not know"),
        };
    }

    /// <summary>
    /// <c>YYMMDDhhmm</c>, when the carrier says the delivery ended; null where it says nothing readable. Twilio documents no zone: it is taken for UTC.
    /// </summary>
    public static DateTimeOffset? DoneAt(string rawDlrDoneDate) => DateTimeOffset.TryParseExact(
        rawDlrDoneDate, "yyMMddHHmm", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    private static ReceiptEntry Read(StatusCallback callback)
    {
        if (!MessageId.TryRead(callback.MessageId.Span, out var id))
        {
            throw new FormatException("message_id is not a UUIDv7 of 16 bytes");
        }

        if (!TenantId.TryRead(callback.TenantId.Span, out var tenant))
        {
            throw new FormatException("tenant_id is not 16 bytes");
        }

        if (!ProviderSid.TryParse(callback.MessageSid, out var sid))
        {
            throw new FormatException("message_sid is not SM or MM and 32 hexadecimal digits");
        }

        if (callback.Attempt is < 1 or > short.MaxValue)
        {
            throw new FormatException($"attempt {callback.Attempt} is not from 1 to {short.MaxValue}");
        }

        if (callback.Status.Length == 0)
        {
            throw new FormatException("status is empty");
        }

        return new ReceiptEntry(
            id,
            tenant,
            (short)callback.Attempt,
            sid,
            callback.Status,
            callback.ErrorCode,
            DoneAt(callback.RawDlrDoneDate),
            callback.Recipient is > 0 and <= 999_999_999_999_999 ? new PhoneNumber((long)callback.Recipient) : null);
    }
}
