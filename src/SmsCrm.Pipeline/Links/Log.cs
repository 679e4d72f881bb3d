using Microsoft.Extensions.Logging;

namespace SmsCrm.Pipeline.Links;

/// <summary>Every log line of this room. Event ids 3600 to 3699.</summary>
internal static partial class Log
{
    [LoggerMessage(3600, LogLevel.Warning, "Redis is away or late for short links; Postgres is asked for them: {reason}")]
    public static partial void ShelfAway(ILogger logger, string reason);

    [LoggerMessage(3601, LogLevel.Warning, "{count} hits of short links could not be written; it is tried again, and what finds no room meanwhile is lost: {reason}")]
    public static partial void HitsHeld(ILogger logger, int count, string reason);

    [LoggerMessage(3602, LogLevel.Error, "{count} hits of short links are lost: {reason}")]
    public static partial void HitsLost(ILogger logger, int count, string reason);

    [LoggerMessage(3603, LogLevel.Warning, "Hits of short links whose time is over could not be removed; it is tried again in an hour")]
    public static partial void HitsNotRemoved(ILogger logger, Exception exception);

    [LoggerMessage(3604, LogLevel.Information, "{setting}: {path} is loaded, built {builtAt:yyyy-MM-dd}")]
    public static partial void DatabaseLoaded(ILogger logger, string setting, string path, DateTime builtAt);

    [LoggerMessage(3605, LogLevel.Warning, "{setting}: {path} can't be used: {reason}; {meanwhile}, and it is looked at again every minute")]
    public static partial void DatabaseRefused(ILogger logger, string setting, string path, string reason, string meanwhile);

    [LoggerMessage(3606, LogLevel.Warning, "{setting}: {path} has wrong bytes; what it can't tell of an address is taken for not known. Replace it: {reason}")]
    public static partial void DatabaseBroken(ILogger logger, string setting, string path, string reason);

    [LoggerMessage(3607, LogLevel.Warning, "Hits whose text's delivery was heard of later could not be judged again; it is tried again in 10 s: {reason}")]
    public static partial void HitsNotJudged(ILogger logger, string reason);
}
