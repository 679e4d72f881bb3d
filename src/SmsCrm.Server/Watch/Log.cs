namespace SmsCrm.Server.Watch;

internal static partial class Log
{
    [LoggerMessage(1101, LogLevel.Warning, "The tail of events could not be read; it is tried again in a second")]
    public static partial void TailFailed(ILogger logger, Exception exception);
}
