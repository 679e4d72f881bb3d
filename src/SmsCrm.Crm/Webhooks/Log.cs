using Microsoft.Extensions.Logging;

namespace SmsCrm.Crm.Webhooks;

/// <summary>Every log line of this room. Event ids 6100 to 6199. No secrets, bodies or addresses of receivers.</summary>
internal static partial class Log
{
    [LoggerMessage(6100, LogLevel.Warning, "Webhooks are not fed while Postgres is away: {reason}")]
    public static partial void FeedHeld(ILogger logger, string reason);

    [LoggerMessage(6101, LogLevel.Error, "Webhooks miss events: the feed can't go on from where they were. {reason}")]
    public static partial void FeedBeginsAnew(ILogger logger, string reason);

    [LoggerMessage(6102, LogLevel.Warning, "Webhooks are not delivered while Postgres is away: {reason}")]
    public static partial void DeliveryHeld(ILogger logger, string reason);

    [LoggerMessage(6103, LogLevel.Warning, "Attempts at webhook {endpoint} could not be recorded and will be made again: {reason}")]
    public static partial void VisitNotRecorded(ILogger logger, Guid endpoint, string reason);

    [LoggerMessage(6104, LogLevel.Error, "A visit to webhook {endpoint} failed")]
    public static partial void VisitFailed(ILogger logger, Exception bug, Guid endpoint);

    [LoggerMessage(6105, LogLevel.Warning, "Webhook {endpoint} of tenant {tenant} is switched off: {reason}")]
    public static partial void SwitchedOff(ILogger logger, Guid endpoint, Guid tenant, string reason);

    [LoggerMessage(6106, LogLevel.Error, "The secret of webhook {endpoint} was sealed under another key than SmsCrm:Provider:SecretKey")]
    public static partial void SecretDoesNotOpen(ILogger logger, Guid endpoint);

    [LoggerMessage(6107, LogLevel.Warning, "Old webhook deliveries stay for now: {reason}")]
    public static partial void RetentionHeld(ILogger logger, string reason);
}
