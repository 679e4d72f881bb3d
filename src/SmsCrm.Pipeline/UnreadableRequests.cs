using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using SmsCrm.Contracts;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Streams.Consuming;
using SmsCrm.Streams.Producing;

namespace SmsCrm.Pipeline;

/// <summary>
/// Ends records that can't be read: as they came to <c>sms.deadletter</c>, and, where their headers say whose they are, with a row
/// <c>rejected(unreadable)</c>, so that the message is still somebody's.
/// </summary>
internal sealed class UnreadableRequests(RecordProducer producer, IMessageLedger ledger, TimeProvider time, ILogger<UnreadableRequests> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task EndAsync(ConsumedRecord record, string why, CancellationToken cancellation)
    {
        Log.Unreadable(logger, record.Topic, record.Partition, record.Offset, why);
        await AppendAsync(record, why, cancellation).ConfigureAwait(false);
        var detail = VerdictText.Json("readable", "The request was damaged on its way and can't be read, so nothing was sent.", null, ("why", why));
        if (FromHeaders(record, detail) is { } entry)
        {
            await ledger.RejectUnreadableAsync([entry], cancellation).ConfigureAwait(false);
        }

        record.Complete();
    }

    private async Task AppendAsync(ConsumedRecord record, string why, CancellationToken cancellation)
    {
        var letter = new DeadLetterRecord
        {
            Topic = record.Topic,
            Partition = record.Partition,
            Offset = record.Offset,
            Key = ByteString.CopyFrom(record.Key.Span),
            Value = ByteString.CopyFrom(record.Value.Span),
            Reason = why,
            At = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
        };
        var outgoing = new OutgoingRecord(Topics.DeadLetter, record.Key.ToArray(), letter.ToByteArray(), record.CopyHeaders());
        while (await producer.ProduceAsync(outgoing, cancellation).ConfigureAwait(false) is { IsAcknowledged: false } failed)
        {
            Log.DeadLetterNotWritten(logger, failed.Reason);
            await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
        }
    }

    private static UnreadableEntry? FromHeaders(ConsumedRecord record, string detail)
    {
        if (!record.TryGetHeader(RecordHeaders.MessageId, out var idBytes) || !MessageId.TryRead(idBytes.Span, out var id)
            || !record.TryGetHeader(RecordHeaders.Tenant, out var tenantBytes) || !TenantId.TryRead(tenantBytes.Span, out var tenant))
        {
            return null;
        }

        var campaign = record.TryGetHeader(RecordHeaders.Campaign, out var name) ? Encoding.UTF8.GetString(name.Span) : "";
        return new UnreadableEntry(id, tenant, campaign, detail);
    }
}
