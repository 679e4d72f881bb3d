using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using SmsCrm.Streams;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>Bounds of accepting. Bound to <c>SmsCrm:Ingest</c>.</summary>
public sealed record IngestOptions
{
    public const string Section = "SmsCrm:Ingest";

    /// <summary>
    /// Requests of all callers that are on their way to Kafka at once; more are answered <i>try again</i>. 100 to 1,000,000, default 50,000.
    /// Keep it below SmsCrm:Kafka:MaxQueuedRecords.
    /// </summary>
    public int MaxInFlight { get; init; } = 50_000;

    /// <summary>Unanswered requests of one stream; beyond it the stream is not read. 1 to 100,000, default 4,096.</summary>
    public int StreamWindow { get; init; } = 4_096;

    /// <summary>How long Redis and Postgres remember an idempotency key, in hours. 1 to 2,160, default 168 (7 days).</summary>
    public int IdempotencyKeyHours { get; init; } = 168;

    /// <summary>How long Redis, and then Postgres, may take to say whether an idempotency key is known, in milliseconds. 10 to 10,000, default 500.</summary>
    public int KeyLookupTimeoutMs { get; init; } = 500;

    /// <summary>
    /// On a broker that is not durable: how long an append may take after the ledger's commit before the caller is answered without it, in
    /// milliseconds. 0 to 10,000, default 250.
    /// </summary>
    public int AppendGraceMs { get; init; } = 250;

    /// <summary>How long the ledger's commit may take on a broker that is not durable, in milliseconds. 100 to 60,000, default 5,000.</summary>
    public int CommitTimeoutMs { get; init; } = 5_000;

    /// <summary>Messages of one tenant that may wait to be sent; more are answered <i>try again</i>. 1 to 1,000,000,000, default 2,000,000.</summary>
    public int MaxWaitingPerTenant { get; init; } = 2_000_000;

    /// <summary>Messages of all tenants together that may wait to be sent. 1 to 2,000,000,000, default 10,000,000.</summary>
    public int MaxWaiting { get; init; } = 10_000_000;

    /// <summary>Rounds of a second for which what this node accepted is counted beside the ledger: the recorder's delay and two more.</summary>
    internal int AdmissionOverlap => 2 + ((RecorderDelayMs + 999) / 1_000);

    /// <summary>How far behind the log the recorder stays, so that a message is usually written by its claim alone, in milliseconds. 0 to 60,000, default 1,000.</summary>
    public int RecorderDelayMs { get; init; } = 1_000;
}

/// <summary>Finds every error of the settings at once.</summary>
internal sealed class IngestOptionsValidator(IConfiguration configuration) : IValidateOptions<IngestOptions>
{
    private const string QueuedRecords = $"{KafkaOptions.Section}:{nameof(KafkaOptions.MaxQueuedRecords)}";

    public ValidateOptionsResult Validate(string? name, IngestOptions options)
    {
        var errors = new List<string>();
        Range(nameof(options.MaxInFlight), options.MaxInFlight, 100, 1_000_000, errors);
        Range(nameof(options.StreamWindow), options.StreamWindow, 1, 100_000, errors);
        Range(nameof(options.IdempotencyKeyHours), options.IdempotencyKeyHours, 1, 2_160, errors);
        Range(nameof(options.KeyLookupTimeoutMs), options.KeyLookupTimeoutMs, 10, 10_000, errors);
        Range(nameof(options.AppendGraceMs), options.AppendGraceMs, 0, 10_000, errors);
        Range(nameof(options.MaxWaitingPerTenant), options.MaxWaitingPerTenant, 1, 1_000_000_000, errors);
        Range(nameof(options.MaxWaiting), options.MaxWaiting, 1, 2_000_000_000, errors);
        Range(nameof(options.CommitTimeoutMs), options.CommitTimeoutMs, 100, 60_000, errors);
        Range(nameof(options.RecorderDelayMs), options.RecorderDelayMs, 0, 60_000, errors);
        if (configuration.GetValue<int?>(QueuedRecords) is { } queued && options.MaxInFlight >= queued)
        {
            // Else a full queue would be met in the producer, which can only say that nothing was accepted, and late.
            errors.Add(FormattableString.Invariant($"{IngestOptions.Section}:MaxInFlight is {options.MaxInFlight}: it must be below {QueuedRecords}, {queued}."));
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Range(string setting, int value, int least, int most, List<string> errors)
    {
        if (value < least || value > most)
        {
            errors.Add(FormattableString.Invariant($"{IngestOptions.Section}:{setting} is {value}: it must be from {least} to {most}."));
        }
    }
}
