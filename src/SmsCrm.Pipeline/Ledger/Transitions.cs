using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;
using Purpose = SmsCrm.Pipeline.Messages.Purpose;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>A message as accepted: everything that its first row needs, whichever transition writes it.</summary>
/// <param name="Request">The whole request as Kafka carries it, serialised; stored with the row.</param>
public sealed record AcceptedMessage(
    MessageId Id,
    TenantId Tenant,
    PhoneNumber Recipient,
    Purpose Purpose,
    short Segments,
    string CampaignId,
    string ClientReference,
    string? IdempotencyKey,
    byte[] RequestHash,
    byte[] Request)
{
    /// <summary>The day number of 1970-01-01.</summary>
    internal const int UnixEpoch = 719_162;

    /// <summary>Of the body (<see cref="Messages.ContentHash"/>); 0 where the request is not known.</summary>
    public long ContentHash { get; init; }

    /// <summary>The recipient's, ISO 3166-1 alpha-2; empty: unknown.</summary>
    public string Country { get; init; } = "";

    /// <summary>The day of acceptance by the tenant's own clock: the one that its messages are counted by. Else the UTC day of its id.</summary>
    public DateOnly AcceptedOn { get; init; } = UtcDayOf(Id);

    /// <summary>The short links of its body; most have none.</summary>
    public IReadOnlyList<ShortLink> Links { get; init; } = [];

    /// <summary>Reads a record of <c>sms.requests.*</c>; throws <see cref="FormatException"/> naming the field where one is unusable.</summary>
    public static AcceptedMessage From(RequestRecord record, byte[] serialised)
    {
        if (!MessageId.TryRead(record.MessageId.Span, out var id))
        {
            throw new FormatException("message_id is not a UUIDv7 of 16 bytes");
        }

        if (!TenantId.TryRead(record.TenantId.Span, out var tenant))
        {
            throw new FormatException("tenant_id is not 16 bytes");
        }

        if (record.Recipient is 0 or > 999_999_999_999_999)
        {
            throw new FormatException($"recipient {record.Recipient} is not an E.164 number of up to 15 digits");
        }

        if (record.Purpose is not (Contracts.V1.Purpose.Transactional or Contracts.V1.Purpose.Marketing))
        {
            throw new FormatException($"purpose {(int)record.Purpose} is neither transactional (1) nor marketing (2)");
        }

        return new AcceptedMessage(
            id,
            tenant,
            new PhoneNumber((long)record.Recipient),
            (Purpose)record.Purpose,
            (short)record.Segments,
            record.CampaignId,
            record.ClientReference,
            record.IdempotencyKey.Length == 0 ? null : record.IdempotencyKey,
            record.RequestHash.ToByteArray(),
            serialised)
        {
            ContentHash = Messages.ContentHash.Of(record.Body),
            Country = record.Country.Length == 2 ? record.Country : "",
            AcceptedOn = DayOf(record, id),
            Links = record.Links.Count == 0 ? [] : LinksOf(record, id, tenant),
        };
    }

    /// <summary>No zone is more than a day from UTC: what says otherwise, or nothing, is not believed.</summary>
    private static DateOnly DayOf(RequestRecord record, MessageId id)
    {
        var day = UtcDayOf(id);
        return record.AcceptedDay - (day.DayNumber - UnixEpoch) is var ahead and >= -1 and <= 1 ? day.AddDays(ahead) : day;
    }

    private static DateOnly UtcDayOf(MessageId id) => DateOnly.FromDateTime(id.AcceptedAt.UtcDateTime);

    private static ShortLink[] LinksOf(RequestRecord record, MessageId id, TenantId tenant) =>
    [
        .. record.Links.Where(static link => link.Code.Length > 0).Select(link => new ShortLink(
            link.Code, id, tenant, record.CampaignId, link.Placeholder, link.Url,
            link.ExpiresAt?.ToDateTimeOffset() ?? throw new FormatException($"links[{link.Placeholder}].expires_at is missing"))),
    ];
}

/// <summary>Takes a message up for one POST on this account and sender.</summary>
/// <param name="Terms">What it costs, and who pays; nothing where no budget is concerned.</param>
public sealed record ClaimEntry(AcceptedMessage Message, RowFacts Seen, Guid AccountId, Guid SenderId, ClaimTerms Terms = default);

/// <summary>What must hold for a claim: what it costs by estimate, the budgets that it is held from, and what its recipient may get.</summary>
/// <param name="CostMicros">Segments x rate, in millionths.</param>
/// <param name="TenantBudget">Null: the tenant has none.</param>
/// <param name="CampaignBudget">Null: the campaign has none.</param>
/// <param name="Limits">Null: its recipient may get anything.</param>
public readonly record struct ClaimTerms(long CostMicros, Guid? TenantBudget, Guid? CampaignBudget, RecipientLimits? Limits = null)
{
    public bool IsBudgeted => TenantBudget is not null || CampaignBudget is not null;

    /// <summary>Whether something must be locked and judged again before the claim: all others are claimed in one round trip.</summary>
    public bool NeedHolding => IsBudgeted || Limits is not null;

    /// <summary>Those that it has.</summary>
    public IEnumerable<Guid> Budgets
    {
        get
        {
            if (TenantBudget is { } tenants)
            {
                yield return tenants;
            }

            if (CampaignBudget is { } campaigns)
            {
                yield return campaigns;
            }
        }
    }
}

/// <summary>Puts a message off, to a lane and a due time.</summary>
/// <param name="SenderId">The lane's sender; empty while none was chosen.</param>
public sealed record DeferEntry(AcceptedMessage Message, RowFacts Seen, Reason Reason, DateTimeOffset DueAt, Guid SenderId, string? Detail);

/// <summary>Ends a message by a gate's verdict.</summary>
public sealed record RejectEntry(AcceptedMessage Message, RowFacts Seen, Verdict Verdict);

/// <summary>Ends a message that a cancellation covers.</summary>
public sealed record CancelEntry(AcceptedMessage Message, RowFacts Seen);

/// <summary>What became of one claimed attempt.</summary>
/// <param name="Claimed">The row as the claim left it.</param>
public sealed record OutcomeEntry(AcceptedMessage Message, RowFacts Claimed, ClaimOutcome Outcome);

/// <summary>The outcome of an attempt as the ledger keeps it: a closed set.</summary>
public abstract record ClaimOutcome
{
    private ClaimOutcome()
    {
    }

    /// <summary>The provider took it under this sid.</summary>
    public sealed record Taken(ProviderSid Sid) : ClaimOutcome;

    /// <summary>The provider refused it for good, with its own error body as proof.</summary>
    public sealed record Failed(Reason Reason, int Code, string Detail) : ClaimOutcome;

    /// <summary>Proof that this attempt was not taken; the next one may be made at the due time.</summary>
    public sealed record TryAgain(Reason Reason, int Code, string Detail, DateTimeOffset DueAt, Guid SenderId) : ClaimOutcome;

    /// <summary>Nobody knows: the reconciler takes it from here.</summary>
    public sealed record Unknown(string Detail) : ClaimOutcome;
}

/// <summary>What the provider's list shows, and what it does not, speaks for an attempt's not having been taken.</summary>
/// <param name="SenderId">Of the lane that it waits in.</param>
/// <param name="Detail">JSON: what was looked at.</param>
public sealed record EvidenceEntry(MessageId Id, RowFacts Seen, Guid SenderId, DateTimeOffset DueAt, string Detail);

/// <summary>One word of the provider about one attempt: a status callback, or what a fetch or list showed.</summary>
/// <param name="Status">As the provider says it; unknown words are kept on the timeline and change nothing.</param>
/// <param name="Recipient">For an id that has no row (a restored Postgres): the row is then inserted as the provider says, so that a replay meets it. Null: unknown.</param>
public sealed record ReceiptEntry(
    MessageId Id,
    TenantId Tenant,
    short Attempt,
    ProviderSid Sid,
    string Status,
    int ErrorCode,
    DateTimeOffset? ProviderAt,
    PhoneNumber? Recipient);

/// <summary>How one entry of a batch ended.</summary>
public enum TransitionResult
{
    /// <summary>The row changed, with its event and counts.</summary>
    Won,

    /// <summary>Somebody else changed the row first: back to Facts.</summary>
    Lost,

    /// <summary>Another message has the idempotency key: the row is rejected as a duplicate of the first.</summary>
    DuplicateOfFirst,

    /// <summary>The row is there already, as it should be: a replay.</summary>
    AlreadyThere,

    /// <summary>Another claim holds the budget's row or the recipient's lock at this moment: nothing was written, try again in a second.</summary>
    Busy,

    /// <summary>There is no row of that id.</summary>
    NotFound,

    /// <summary>The state allows it no more (a cancellation that came too late).</summary>
    TooLate,

    /// <summary>The ledger can't take the entry, alone and without its free text neither; <see cref="EntryResult.Error"/> says why. A request is dead-lettered then.</summary>
    Unusable,
}

/// <param name="Row">The row after a win; meaningless after a loss.</param>
/// <param name="FirstId">With <see cref="TransitionResult.DuplicateOfFirst"/>: the message that has the key, and its request's hash.</param>
/// <param name="Error">With <see cref="TransitionResult.Unusable"/>: a sentence without values.</param>
public readonly record struct EntryResult(
    MessageId Id, TransitionResult Result, RowFacts Row, MessageId FirstId = default, byte[]? FirstHash = null, string? Error = null);

/// <summary>A request that can't be used: what its headers say of it, so that it gets a row <c>rejected(unreadable)</c>.</summary>
/// <param name="Detail">JSON: why.</param>
public sealed record UnreadableEntry(MessageId Id, TenantId Tenant, string CampaignId, string Detail);
