using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>A message to send, as the OpenAPI document shows it; <see cref="MessageJson"/> reads it.</summary>
internal sealed record MessageBody
{
    /// <summary>The recipient: E.164, or national where default_country or the tenant's country applies.</summary>
    [Required]
    [Description("The recipient: E.164, or national where default_country or the tenant's country applies. Example: +14155550123")]
    public required string To { get; init; }

    [Required]
    [MaxLength(1600)]
    [Description("The text: 1 to 1,600 characters.")]
    public required string Body { get; init; }

    [Required]
    [AllowedValues("transactional", "marketing")]
    [Description("transactional or marketing: decides the law that applies, and that a one-time code never waits behind a campaign.")]
    public required string Purpose { get; init; }

    [MaxLength(64)]
    [Description("Groups messages in reports and cancellations.")]
    public string? CampaignId { get; init; }

    [MaxLength(200)]
    public string? CampaignName { get; init; }

    [Description("One of your senders; or give a pool; or neither, for the default pool.")]
    public string? Sender { get; init; }

    [MaxLength(64)]
    public string? Pool { get; init; }

    [Description("Not before this time; at most 35 days ahead.")]
    public DateTimeOffset? SendAt { get; init; }

    [Description("Not after this time: then the message is rejected as expired.")]
    public DateTimeOffset? ValidUntil { get; init; }

    [MaxLength(255)]
    [Description("As the header Idempotency-Key; unique for 7 days.")]
    public string? IdempotencyKey { get; init; }

    [MaxLength(64)]
    [Description("Echoed in answers and events.")]
    public string? ClientReference { get; init; }

    [Description("Up to 20 entries, keys up to 40 and values up to 500 characters.")]
    public Dictionary<string, string>? Metadata { get; init; }

    [Description("The id of the failed message that this one repeats.")]
    public Guid? RetryOf { get; init; }

    [MaxLength(2)]
    [Description("ISO 3166-1 alpha-2, for numbers that are not in E.164. Absent: the tenant's.")]
    public string? DefaultCountry { get; init; }

    [MaxLength(10)]
    [Description("Short links on your own domain: each stands in the body as {{link:placeholder}}; segments are counted after it is put in.")]
    public IReadOnlyList<LinkBody>? Links { get; init; }
}

/// <summary>A short link of a message.</summary>
internal sealed record LinkBody
{
    [Required]
    [MaxLength(40)]
    [Description("Letters (a to z), digits, '-' and '_'; unique in the message.")]
    public required string Placeholder { get; init; }

    [Required]
    [MaxLength(2048)]
    [Description("Where it leads: http or https, printable ASCII, without user info.")]
    public required string Url { get; init; }

    [Description("Until when it leads there, at most 400 days ahead. Absent: 90 days after now or send_at.")]
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>Up to 1,000 messages.</summary>
internal sealed record BatchBody
{
    [Required]
    [MinLength(1)]
    [MaxLength(1000)]
    public required IReadOnlyList<MessageBody> Messages { get; init; }
}
