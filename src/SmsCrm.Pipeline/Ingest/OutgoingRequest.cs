using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using SmsCrm.Contracts;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Streams;
using SmsCrm.Streams.Producing;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>A valid request with its id: as Kafka's record and as the ledger's first row.</summary>
internal sealed class OutgoingRequest
{
    private readonly RequestRecord _record;
    private readonly byte[] _value;

    private OutgoingRequest(RequestRecord record, MessageId id, OutgoingRecord kafka)
    {
        _record = record;
        _value = kafka.Value;
        Id = id;
        Kafka = kafka;
    }

    public MessageId Id { get; }

    public OutgoingRecord Kafka { get; }

    public int Segments => _record.Segments;

    /// <summary>The short links that were drawn for it.</summary>
    public IReadOnlyList<ShortLink> Links => _record.Links.Count == 0 ? [] : ToAccepted().Links;

    public bool HasKey => _record.IdempotencyKey.Length > 0;

    /// <summary>Empty where the request has no idempotency key.</summary>
    public ReadOnlyMemory<byte> Hash => _record.RequestHash.Memory;

    /// <summary>
    /// SHA-256 of the normalised request. Left out are what names it and not what it asks for: ids, the idempotency key itself and the
    /// client's reference, which a retry may draw anew. So a repeat has the same hash, and another text to another number has not.
    /// </summary>
    public static byte[] HashOf(RequestRecord record)
    {
        var (key, reference) = (record.IdempotencyKey, record.ClientReference);
        record.IdempotencyKey = "";
        record.ClientReference = "";
        var hash = SHA256.HashData(record.ToByteArray());
        record.IdempotencyKey = key;
        record.ClientReference = reference;
        return hash;
    }

    /// <param name="request">Its day is told and its short links are drawn here, after the hash was taken: a repeat draws others.</param>
    /// <param name="hash">Null where the request has no idempotency key: nobody will ask for it.</param>
    public static OutgoingRequest Create(IngestCaller caller, ValidRequest request, MessageId id, byte[]? hash, DateTimeOffset now)
    {
        var record = request.Record;
        record.MessageId = UnsafeByteOperations.UnsafeWrap(id.ToBytes());
        if (hash is not null)
        {
            record.RequestHash = UnsafeByteOperations.UnsafeWrap(hash);
        }

        record.AcceptedDay = caller.DayAt(id.AcceptedAt);
        RequestedLinks.Draw(record, caller.LinkStart, now);
        return new OutgoingRequest(record, id, ToKafka(record, caller.TenantBytes));
    }

    /// <summary>A request that was accepted before, as its row has it.</summary>
    public static OutgoingRecord ToKafka(RequestRecord record) => ToKafka(record, record.TenantId.ToByteArray());

    public AcceptedMessage ToAccepted() => AcceptedMessage.From(_record, _value);

    private static OutgoingRecord ToKafka(RequestRecord record, byte[] tenant)
    {
        var digits = Encoding.ASCII.GetBytes(record.Recipient.ToString(CultureInfo.InvariantCulture));
        var headers = new RecordHeader[record.CampaignId.Length == 0 ? 3 : 4];
        headers[0] = new RecordHeader(RecordHeaders.Tenant, tenant);
        headers[1] = new RecordHeader(RecordHeaders.MessageId, record.MessageId.ToByteArray());
        headers[2] = new RecordHeader(RecordHeaders.Recipient, digits);
        if (record.CampaignId.Length > 0)
        {
            headers[3] = new RecordHeader(RecordHeaders.Campaign, Encoding.UTF8.GetBytes(record.CampaignId));
        }

        var topic = record.Purpose == Contracts.V1.Purpose.Transactional ? Topics.TransactionalRequests : Topics.MarketingRequests;
        return new OutgoingRecord(topic, [.. tenant, .. digits], record.ToByteArray(), headers);
    }
}
