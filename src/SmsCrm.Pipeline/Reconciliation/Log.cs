using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Reconciliation;

/// <summary>Event ids 4600 to 4699.</summary>
internal static partial class Log
{
    [LoggerMessage(4600, LogLevel.Warning, "Claims can't be visited: Postgres does not answer; trying again")]
    public static partial void RoundFailed(ILogger logger, Exception e);

    [LoggerMessage(4601, LogLevel.Error, "{Count} messages are uncertain, {First} among them: nobody knows whether they were sent")]
    public static partial void Uncertain(ILogger logger, int count, MessageId first);

    [LoggerMessage(4602, LogLevel.Warning, "{Count} messages are sent again, {First} among them: the provider's list does not show them, and their tenants let that count")]
    public static partial void ByEvidence(ILogger logger, int count, MessageId first);
}
