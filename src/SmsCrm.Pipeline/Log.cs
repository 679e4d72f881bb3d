using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline;

/// <summary>Event ids 4000 to 4099.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Error, "Sending holds ({Reason}): nothing is lost, it goes on when that is over")]
    public static partial void Holding(ILogger logger, Exception e, HoldReason reason);

    [LoggerMessage(4001, LogLevel.Information, "Sending goes on: {Reason} is over")]
    public static partial void HoldOver(ILogger logger, HoldReason reason);

    [LoggerMessage(4004, LogLevel.Error, "{Message} can't be sent nor rejected: {Why}")]
    public static partial void Unusable(ILogger logger, MessageId message, string why);
}
