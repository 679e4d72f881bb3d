using Microsoft.Extensions.Logging;

namespace SmsCrm.Crm.Access;

/// <summary>Every log line of this room. Event ids 6000 to 6099.</summary>
internal static partial class Log
{
    [LoggerMessage(6000, LogLevel.Warning, "Postgres has said nothing of API keys for {seconds} s; known keys go on for a while: {reason}")]
    public static partial void NoWordOfKeys(ILogger logger, int seconds, string reason);
}
