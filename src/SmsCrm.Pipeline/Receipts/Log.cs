using Microsoft.Extensions.Logging;

namespace SmsCrm.Pipeline.Receipts;

/// <summary>Every log line of this room. Event ids 3300 to 3399.</summary>
internal static partial class Log
{
    // Not a warning: anybody may post to a public address, and the metric counts it.
    [LoggerMessage(3300, LogLevel.Debug, "A status callback was refused: {why}")]
    public static partial void CallbackRefused(ILogger logger, string why);

    [LoggerMessage(3301, LogLevel.Warning, "A status callback for {message} could not be appended and will be repeated by the provider: {why}")]
    public static partial void CallbackNotAppended(ILogger logger, Guid message, string why);

    [LoggerMessage(3310, LogLevel.Error, "Record {topic}[{partition}]@{offset} can't be used and goes to the dead letters: {why}")]
    public static partial void Unreadable(ILogger logger, string topic, int partition, long offset, string why);

    [LoggerMessage(3311, LogLevel.Warning, "The dead letter could not be appended, trying again: {why}")]
    public static partial void DeadLetterNotAppended(ILogger logger, string? why);

    [LoggerMessage(3312, LogLevel.Error, "The provider spoke of message {message}, which no ledger row knows and whose recipient it did not say")]
    public static partial void NoSuchMessage(ILogger logger, Guid message);
}
