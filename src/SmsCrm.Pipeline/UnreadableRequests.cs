using System.Text;
using SmsCrm.Contracts;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Streams.Consuming;
using SmsCrm.Streams.DeadLetters;

namespace SmsCrm.Pipeline;

/// <summary>
/// Ends records that can't be read: as they came to <c>sms.deadletter</c>, and, where their headers say whose they are, with a row
/// <c>rejected(unreadable)</c>, so that the message is still somebody's.
/// </summary>
internal sealed class UnreadableRequests(DeadLetterBox letters, IMessageLedger ledger)
{
    private const int CampaignLength = 64;

    public async Task EndAsync(ConsumedRecord record, string why, CancellationToken cancellation)
    {
        await letters.PutAsync(record, why, cancellation).ConfigureAwait(false);
        var detail = VerdictText.Json("readable", "The request was damaged on its way and can't be read, so nothing was sent.", null, ("why", why));
        if (FromHeaders(record, detail) is { } entry)
        {
            await ledger.RejectUnreadableAsync([entry], cancellation).ConfigureAwait(false);
        }

        record.Complete();
    }

    private static UnreadableEntry? FromHeaders(ConsumedRecord record, string detail)
    {
        if (!record.TryGetHeader(RecordHeaders.MessageId, out var idBytes) || !MessageId.TryRead(idBytes.Span, out var id)
            || !record.TryGetHeader(RecordHeaders.Tenant, out var tenantBytes) || !TenantId.TryRead(tenantBytes.Span, out var tenant))
        {
            return null;
        }

        // Damaged too, perhaps: what Postgres can't keep must not hold up the records behind it.
        var campaign = record.TryGetHeader(RecordHeaders.Campaign, out var name) ? Encoding.UTF8.GetString(name.Span) : "";
        return new UnreadableEntry(id, tenant, ForeignText.Cut(ForeignText.Storable(campaign), CampaignLength), detail);
    }
}
