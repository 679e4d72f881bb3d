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

    [LoggerMessage(3312, LogLevel.Error, "The provider spoke of message {message}, which no ledger row knows and whose recipient it did not say")]
    public static partial void NoSuchMessage(ILogger logger, Guid message);

    [LoggerMessage(3320, LogLevel.Warning, "Inbound text {sid} could not be kept; the provider is told to call again: {why}")]
    public static partial void InboundNotKept(ILogger logger, string sid, string why);

    [LoggerMessage(3321, LogLevel.Warning, "The provider's list of inbound texts could not be read or kept; it is tried again")]
    public static partial void InboundListFailed(ILogger logger, Exception e);

    // Neither the number nor the text: who needs them finds them by the sid at the provider.
    [LoggerMessage(3325, LogLevel.Error, "Inbound text {sid} of the provider's list can't be kept: {why}")]
    public static partial void InboundUnusable(ILogger logger, string sid, string why);

    [LoggerMessage(3322, LogLevel.Information, "{count} messages that waited for {number} were cancelled: it opted out")]
    public static partial void WaitingCancelled(ILogger logger, int count, string number);

    [LoggerMessage(3323, LogLevel.Warning, "What waits for {number}, which opted out, could not be cancelled now; the gates refuse it when it is due")]
    public static partial void WaitingNotCancelled(ILogger logger, Exception e, string number);

    [LoggerMessage(3324, LogLevel.Warning, "Inbound text {sid} is kept; its tenant's answer could not be read, so nothing is answered: {why}")]
    public static partial void AnswerNotRead(ILogger logger, string sid, string why);
}
