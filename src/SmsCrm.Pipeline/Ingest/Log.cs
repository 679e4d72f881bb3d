using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>Every log line of this room. Event ids 3000 to 3099.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Warning, "Message {message} was not appended and not accepted: {reason}")]
    public static partial void NotAppended(ILogger logger, MessageId message, string? reason);

    [LoggerMessage(3001, LogLevel.Warning, "Whether message {message} was accepted is not known; its caller was told so: {reason}")]
    public static partial void FateUnknown(ILogger logger, MessageId message, string? reason);

    [LoggerMessage(3002, LogLevel.Information, "Message {message} is committed, its append is not: Waiting will feed it. {reason}")]
    public static partial void AppendLeftToWaiting(ILogger logger, MessageId message, string? reason);

    [LoggerMessage(3003, LogLevel.Warning, "{store} did not say whether an idempotency key is known: {reason}")]
    public static partial void KeyStoreAway(ILogger logger, string store, string reason);

    [LoggerMessage(3004, LogLevel.Warning, "Whether message {message} was cancelled is not known; its caller was told so: {reason}")]
    public static partial void CancelHeld(ILogger logger, MessageId message, string reason);

    [LoggerMessage(3005, LogLevel.Error, "Postgres' clock moved by {milliseconds} ms against this machine's stopwatch: ids minted meanwhile are off by as much")]
    public static partial void ClockMoved(ILogger logger, int milliseconds);

    [LoggerMessage(3006, LogLevel.Warning, "Postgres' clock was not measured; ids go on by the stopwatch: {reason}")]
    public static partial void ClockNotMeasured(ILogger logger, string reason);

    [LoggerMessage(3010, LogLevel.Warning, "The recorder could not write {count} rows; it tries again: {reason}")]
    public static partial void RecorderHeld(ILogger logger, int count, string reason);

    [LoggerMessage(3011, LogLevel.Warning, "The recorder passes over {topic} {partition}/{offset}, which it can't read; the pipeline dead-letters it: {reason}")]
    public static partial void Unreadable(ILogger logger, string topic, int partition, long offset, string reason);

    [LoggerMessage(3012, LogLevel.Warning, "The recorder passes over message {message}, which the ledger can't take; the pipeline dead-letters it: {reason}")]
    public static partial void NotRecorded(ILogger logger, MessageId message, string? reason);

    [LoggerMessage(3014, LogLevel.Warning, "The names of {count} campaigns were not kept: {reason}")]
    public static partial void CampaignsNotNamed(ILogger logger, int count, string reason);

    [LoggerMessage(3013, LogLevel.Warning, "What waits could not be counted: the last count stands, and what is accepted adds to it")]
    public static partial void WaitingNotCounted(ILogger logger, Exception e);
}
