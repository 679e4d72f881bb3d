using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Dispatch;

/// <summary>Event ids 4400 to 4499.</summary>
internal static partial class Log
{
    [LoggerMessage(4400, LogLevel.Error, "The POST of {Message} ended in a bug; its claim is left to the reconciler")]
    public static partial void PostBroke(ILogger logger, Exception e, MessageId message);

    [LoggerMessage(4401, LogLevel.Error, "The provider's client threw for {Message}: the outcome is unknown")]
    public static partial void ProviderThrew(ILogger logger, Exception e, MessageId message);

    [LoggerMessage(4402, LogLevel.Error, "The provider refuses everything of account {Account} (error {Code}: {Said}): its messages wait. Check its credentials and state")]
    public static partial void AccountHalted(ILogger logger, Guid account, int code, string said);

    [LoggerMessage(4403, LogLevel.Warning, "Account {Account} keeps failing: its messages wait until one gets through")]
    public static partial void BreakerOpened(ILogger logger, Guid account);

    [LoggerMessage(4404, LogLevel.Warning, "The opt-out that the provider reported for {Message} ({Recipient}) was not written")]
    public static partial void SuppressionFailed(ILogger logger, Exception e, MessageId message, string recipient);

    [LoggerMessage(4405, LogLevel.Warning, "{Count} outcomes are not in the ledger yet; trying again")]
    public static partial void OutcomesNotWritten(ILogger logger, Exception e, int count);

    [LoggerMessage(4407, LogLevel.Error, "Account {Account} could not be halted for the other processes; each finds out by itself")]
    public static partial void HaltNotWritten(ILogger logger, Exception e, Guid account);

    [LoggerMessage(4408, LogLevel.Warning, "The provider's queue of sender {Sender} is full: it is out of its pool for {Seconds} s")]
    public static partial void SenderFull(ILogger logger, Guid sender, int seconds);

    [LoggerMessage(4406, LogLevel.Warning, "Stopping with {Count} POSTs under way: the reconciler will ask for them")]
    public static partial void DrainCut(ILogger logger, int count);
}
