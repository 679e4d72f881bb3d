using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Waiting;

/// <summary>Event ids 4500 to 4599.</summary>
internal static partial class Log
{
    [LoggerMessage(4500, LogLevel.Warning, "What waits can't be looked over: Postgres does not answer; trying again")]
    public static partial void RoundFailed(ILogger logger, Exception e);

    [LoggerMessage(4501, LogLevel.Information, "This process releases what waits ({Count} given out)")]
    public static partial void LeaseTaken(ILogger logger, int count);

    [LoggerMessage(4502, LogLevel.Warning, "The lease of the releaser was not given back; it ends by itself")]
    public static partial void LeaseNotReturned(ILogger logger, Exception e);

    [LoggerMessage(4503, LogLevel.Error, "The stored request of {Message} can't be read; it stays where it is")]
    public static partial void Unreadable(ILogger logger, Exception e, MessageId message);
}
