using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>A request that may be accepted, normalised, without an id yet.</summary>
/// <param name="Record">What Kafka will carry, still without message id and request hash.</param>
internal sealed record ValidRequest(RequestRecord Record, PhoneNumber Recipient);

/// <summary>Judges a request against the contract: every violation at once, each with field, value and remedy. Pure but for the clock.</summary>
internal sealed class MessageValidator(TimeProvider clock)
{
    /// <summary>Null when there are violations.</summary>
    public ValidRequest? Validate(IngestCaller caller, SendRequest request, out IReadOnlyList<RequestViolation>? violations)
    {
        var found = new ViolationList();
        found.Reserved(request);
        var country = Country(caller, request, ref found);
        if (Recipients.Read(request.To, country, out var recipient, out var region) is { } wrong)
        {
            found.Add("to", wrong);
        }

        var body = RequestedLinks.Judge(caller, request, clock.GetUtcNow(), ref found);
        found.Body(request.Body, body);
        if (request.Purpose is not (Contracts.V1.Purpose.Transactional or Contracts.V1.Purpose.Marketing))
        {
            found.Add("purpose", request.Purpose == Contracts.V1.Purpose.Unspecified
                ? "is missing: say transactional or marketing; it decides the law that applies"
                : $"is {(int)request.Purpose}: it must be transactional (1) or marketing (2)");
        }

        Texts(request, ref found);
        var sender = SenderAddress.Read(request, ref found);
        Times(request, ref found);
        Metadata(request, ref found);
        var retryOf = RetryOf(request, ref found);
        violations = found.Items;
        return violations is null ? Normalised(caller, request, body, recipient, region, sender, retryOf) : null;
    }

    private static string Country(IngestCaller caller, SendRequest request, ref ViolationList found)
    {
        if (request.DefaultCountry.Length == 0)
        {
            return caller.DefaultCountry;
        }

        if (Recipients.IsCountry(request.DefaultCountry))
        {
            return request.DefaultCountry;
        }

        found.Add("default_country", $"is '{Shown.Value(request.DefaultCountry)}': it must be a country's two capital letters (ISO 3166-1 alpha-2), such as US");
        return caller.DefaultCountry;
    }

    private static void Texts(SendRequest request, ref ViolationList found)
    {
        found.Text("campaign_id", request.CampaignId, RequestLimits.CampaignIdLength);
        found.Text("campaign_name", request.CampaignName, RequestLimits.CampaignNameLength);
        if (request.CampaignName.Length > 0 && request.CampaignId.Length == 0)
        {
            found.Add("campaign_name", $"is '{Shown.Value(request.CampaignName)}' without a campaign_id: give both or neither");
        }

        found.Text("idempotency_key", request.IdempotencyKey, RequestLimits.IdempotencyKeyLength);
        found.Text("client_reference", request.ClientReference, RequestLimits.ClientReferenceLength);
    }

    private void Times(SendRequest request, ref ViolationList found)
    {
        if (request.SendAt is null && request.ValidUntil is null)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var sendAt = found.Time("send_at", request.SendAt);
        var validUntil = found.Time("valid_until", request.ValidUntil);
        if (sendAt > now + RequestLimits.SendAtAhead)
        {
            found.Add("send_at", $"is {sendAt:O}, more than {RequestLimits.SendAtAhead.Days} days ahead: choose a time before {now + RequestLimits.SendAtAhead:O}");
        }

        if (validUntil <= now)
        {
            found.Add("valid_until", $"is {validUntil:O}, which is past: choose a time after {now:O}");
        }

        if (validUntil <= sendAt)
        {
            found.Add("valid_until", $"is {validUntil:O}, not after send_at {sendAt:O}: the message could never be sent");
        }
    }

    private static void Metadata(SendRequest request, ref ViolationList found)
    {
        if (request.Metadata.Count > RequestLimits.MetadataEntries)
        {
            found.Add("metadata", $"has {request.Metadata.Count} entries: the most is {RequestLimits.MetadataEntries}");
            return;
        }

        foreach (var (key, value) in request.Metadata)
        {
            var name = $"metadata[{Shown.Value(key)}]";
            if (key.Length == 0)
            {
                found.Add("metadata", "has an empty key: name each entry");
            }

            found.Text($"{name}.key", key, RequestLimits.MetadataKeyLength);
            found.Text($"{name}.value", value, RequestLimits.MetadataValueLength, mayHaveLines: true);
        }
    }

    private static MessageId? RetryOf(SendRequest request, ref ViolationList found)
    {
        if (request.RetryOf.Length == 0)
        {
            return null;
        }

        if (MessageId.TryParse(request.RetryOf, out var first))
        {
            return first;
        }

        found.Add("retry_of", $"is '{Shown.Value(request.RetryOf)}': it must be the id of the message that failed, as it was given when that was accepted");
        return null;
    }

    /// <param name="putIn">The body with stand-ins for its links, which has as many segments as the body will have.</param>
    private static ValidRequest Normalised(
        IngestCaller caller, SendRequest request, string putIn, PhoneNumber recipient, string region, string sender, MessageId? retryOf)
    {
        var record = new RequestRecord
        {
            TenantId = UnsafeByteOperations.UnsafeWrap(caller.TenantBytes),
            Recipient = (ulong)recipient.Digits,
            Country = region,
            Purpose = request.Purpose,
            Body = request.Body,
            Segments = Segments.Count(putIn).Segments,
            CampaignId = request.CampaignId,
            CampaignName = request.CampaignName,
            Sender = sender,
            Pool = request.Pool,
            SendAt = Copy(request.SendAt),
            ValidUntil = Copy(request.ValidUntil),
            IdempotencyKey = request.IdempotencyKey,
            ClientReference = request.ClientReference,
        };
        if (retryOf is { } first)
        {
            record.RetryOf = UnsafeByteOperations.UnsafeWrap(first.ToBytes());
        }

        RequestedLinks.Copy(request.Links, record.Links);
        if (request.Metadata.Count > 0)
        {
            // In one order, so that the same request always has the same hash.
            foreach (var (key, value) in request.Metadata.OrderBy(static e => e.Key, StringComparer.Ordinal))
            {
                record.Metadata.Add(key, value);
            }
        }

        return new ValidRequest(record, recipient);
    }

    private static Timestamp? Copy(Timestamp? time) => time is null ? null : new Timestamp(time);
}
