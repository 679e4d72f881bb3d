using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Critical, "Message {MessageId} was texted twice: the provider speaks of another sid than the one it is bound to")]
    public static partial void TextedTwice(ILogger logger, MessageId messageId);

    [LoggerMessage(201, LogLevel.Error, "Folding the counts failed; it is tried again in a second")]
    public static partial void FoldFailed(ILogger logger, Exception exception);

    [LoggerMessage(299, LogLevel.Warning, "Short links that are over could not be removed; it is tried again in an hour")]
    public static partial void LinksNotRemoved(ILogger logger, Exception exception);

    [LoggerMessage(203, LogLevel.Warning, "Idempotency keys whose time is over could not be forgotten; it is tried again in ten minutes")]
    public static partial void KeysNotForgotten(ILogger logger, Exception exception);

    [LoggerMessage(204, LogLevel.Warning, "Webhooks and Watch tell nothing of the last {seconds:0} s: a transaction that writes is open that long, of {holder}. End it")]
    public static partial void FeedsHeld(ILogger logger, double seconds, string holder);

    [LoggerMessage(205, LogLevel.Warning, "Webhooks and Watch go on after {seconds:0} s: the transaction is over, of {holder}")]
    public static partial void FeedsGoOn(ILogger logger, double seconds, string holder);

    [LoggerMessage(206, LogLevel.Debug, "What holds the feeds back could not be looked at")]
    public static partial void FeedHoldUnknown(ILogger logger, Exception exception);

    [LoggerMessage(202, LogLevel.Warning, "The lock that says that this process is there was lost: nothing is claimed until it is held again")]
    public static partial void PresenceLost(ILogger logger, Exception exception);
}
